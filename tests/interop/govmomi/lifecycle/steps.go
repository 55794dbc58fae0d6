package main

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"strings"

	"github.com/vmware/govmomi/vapi/library"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/soap"
)

const digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

func updateSession(m *library.Manager, item string) string {
	session, err := m.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: item})
	check("create an update session", err)
	expect("its state", got(m.GetLibraryItemUpdateSession(ctx, session)).State, "ACTIVE")
	return session
}

// push sends content for a file of which the size and the digest of "hello" are announced.
func push(client *rest.Client, m *library.Manager, session, name, content string) {
	file, err := m.AddLibraryItemFile(ctx, session, library.UpdateFile{
		Name: name, SourceType: "PUSH", Size: 5, Checksum: &library.Checksum{Algorithm: "SHA256", Checksum: digest},
	})
	check("add a file", err)
	expect("its status", file.Status, "WAITING_FOR_TRANSFER")
	target, err := url.Parse(file.UploadEndpoint.URI)
	check("parse the address of an upload", err)
	upload := soap.DefaultUpload
	upload.ContentLength = int64(len(content))
	check("upload", client.Upload(ctx, bytes.NewBufferString(content), target, &upload))
}

func got(session *library.Session, err error) *library.Session {
	check("get a session", err)
	return session
}

func check(step string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", step, err)
	}
}

func refused(step string, err error, status int) {
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d %s", status, http.StatusText(status))) {
		log.Fatalf("%s: should be refused with %d, and not: %v", step, status, err)
	}
}

func expect[T comparable](what string, found, expected T) {
	if found != expected {
		log.Fatalf("%s: %v, and not %v", what, found, expected)
	}
}
