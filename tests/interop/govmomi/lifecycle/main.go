// The whole life of libraries, items and both kinds of session through the clients of govmomi.
//
// usage: lifecycle URL [SOURCE]; the URL holds name and password, and the server pulls a file from SOURCE.
// Each step that comes out otherwise than a client expects ends the program with a line that says which.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/vapi/library"
	paths "github.com/vmware/govmomi/vapi/library/finder"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vim25/soap"
)

const datastore = "datastore-11"

var ctx = context.Background()

func main() {
	log.SetFlags(0)
	address, err := soap.ParseURL(os.Args[1])
	check("parse the address", err)
	service, err := govmomi.NewClient(ctx, address, true)
	check("log in by SOAP", err)
	inventory(service)
	client := rest.NewClient(service.Client)
	check("log in", client.Login(ctx, address.User))
	session, err := client.Session(ctx)
	check("ask who is logged in", err)
	expect("the user", session.User, address.User.Username())

	m := library.NewManager(client)
	id := libraries(m)
	item := items(m, id)
	uploads(client, m, item)
	downloads(client, m, item)
	endings(client, m, item)
	if len(os.Args) > 2 {
		pulled(m, id, os.Args[2])
	}
	cleared(m, id)
	check("log out", client.Logout(ctx))
	check("log out of SOAP", service.Logout(ctx))
	session, err = client.Session(ctx)
	check("ask who is logged in after the end", err)
	expect("nobody is logged in", session == nil, true)
	fmt.Println("all as expected")
}

// libraries makes a library and asks for it in every way.
func libraries(m *library.Manager) string {
	description := "of govmomi"
	id, err := m.CreateLibrary(ctx, library.Library{
		Name:        "govmomi",
		Description: &description,
		Type:        "LOCAL",
		Storage:     []library.StorageBacking{{DatastoreID: datastore, Type: "DATASTORE"}},
	})
	check("create a library", err)
	ids, err := m.ListLibraries(ctx)
	check("list libraries", err)
	expect("the library is listed", slices.Contains(ids, id), true)
	for _, search := range []library.Find{{Name: "GOVMOMI"}, {Type: "LOCAL"}, {Name: "govmomi", Type: "LOCAL"}} {
		ids, err = m.FindLibrary(ctx, search)
		check("find a library", err)
		expect("the library is found", slices.Contains(ids, id), true)
	}
	ids, err = m.FindLibrary(ctx, library.Find{Name: "govmomi", Type: "SUBSCRIBED"})
	check("find a library of another type", err)
	expect("no library is found", len(ids), 0)
	_, err = m.FindLibrary(ctx, library.Find{})
	refused("find by nothing", err, http.StatusBadRequest)

	byID, err := m.GetLibraryByID(ctx, id)
	check("get a library", err)
	expect("its name", byID.Name, "govmomi")
	expect("its id", byID.ID, id)
	expect("its description", *byID.Description, description)
	expect("its type", byID.Type, "LOCAL")
	expect("its datastore", byID.Storage[0].DatastoreID, datastore)
	expect("its version", byID.Version, "1")
	expect("it is not published", *byID.Publication.Published, false)
	expect("when it was made", time.Since(*byID.CreationTime) < time.Hour, true)
	_, err = m.GetLibraryByName(ctx, "govmomi")
	check("get a library by its name", err)

	changed := "changed"
	check("update a library", m.UpdateLibrary(ctx, &library.Library{ID: id, Name: "renamed", Description: &changed}))
	byID, err = m.GetLibraryByID(ctx, id)
	check("get a library", err)
	expect("its new name", byID.Name, "renamed")
	expect("its new description", *byID.Description, changed)
	expect("its new version", byID.Version, "2")
	_, err = m.GetLibraryByID(ctx, "nowhere")
	refused("get a library that does not exist", err, http.StatusNotFound)
	return id
}

// items makes an item, asks for it in every way, and copies it.
func items(m *library.Manager, id string) string {
	spec := library.Item{LibraryID: id, Name: "item", Type: library.ItemTypeISO}
	item, err := m.CreateLibraryItem(ctx, spec)
	check("create an item", err)
	_, err = m.CreateLibraryItem(ctx, spec)
	refused("create an item of that name again", err, http.StatusBadRequest)
	ids, err := m.ListLibraryItems(ctx, id)
	check("list items", err)
	expect("the only item", strings.Join(ids, " "), item)
	for _, search := range []library.FindItem{{Name: "Item"}, {LibraryID: id}, {Type: "ISO", Name: "item"}} {
		ids, err = m.FindLibraryItems(ctx, search)
		check("find an item", err)
		expect("the item is found", slices.Contains(ids, item), true)
	}
	changed := "changed"
	check("update an item", m.UpdateLibraryItem(ctx, &library.Item{ID: item, Name: "renamed", Description: &changed}))
	got, err := m.GetLibraryItem(ctx, item)
	check("get an item", err)
	expect("its name", got.Name, "renamed")
	expect("its description", *got.Description, changed)
	expect("its type", got.Type, library.ItemTypeISO)
	expect("its library", got.LibraryID, id)
	expect("the version of its metadata", got.MetadataVersion, "2")
	all, err := m.GetLibraryItems(ctx, id)
	check("get all items", err)
	expect("how many there are", len(all), 1)

	found, err := paths.NewFinder(m).Find(ctx, "/renamed/renamed")
	check("find by path", err)
	expect("what is found by path", found[0].GetID(), item)
	return item
}

// uploads pushes two files, takes one of them out again, and completes.
func uploads(client *rest.Client, m *library.Manager, item string) {
	session := updateSession(m, item)
	expect("its first progress", got(m.GetLibraryItemUpdateSession(ctx, session)).ClientProgress, 0)
	_, err := m.CreateLibraryItemUpdateSession(ctx, library.Session{LibraryItemID: item})
	refused("a second session on the item", err, http.StatusBadRequest)
	ids, err := m.ListLibraryItemUpdateSession(ctx)
	check("list update sessions", err)
	expect("the session is listed", slices.Contains(ids, session), true)
	before := *got(m.GetLibraryItemUpdateSession(ctx, session)).ExpirationTime
	time.Sleep(10 * time.Millisecond)
	check("keep an update session alive", m.KeepAliveLibraryItemUpdateSession(ctx, session))
	after := *got(m.GetLibraryItemUpdateSession(ctx, session)).ExpirationTime
	expect("it lives longer", after.After(before), true)

	for _, name := range []string{"a b.iso", "unwanted.iso"} {
		push(client, m, session, name, "hello")
	}
	validation, err := m.ValidateLibraryItemUpdateSessionFile(ctx, session)
	check("validate files", err)
	expect("nothing is wrong", validation.HasErrors, false)
	check("remove a file", m.RemoveLibraryItemUpdateSessionFile(ctx, session, "unwanted.iso"))
	files, err := m.ListLibraryItemUpdateSessionFile(ctx, session)
	check("list files of a session", err)
	expect("how many there are", len(files), 1)
	file, err := m.GetLibraryItemUpdateSessionFile(ctx, session, "a b.iso")
	check("get a file of a session", err)
	expect("its status", file.Status, "READY")
	check("complete", m.CompleteLibraryItemUpdateSession(ctx, session))
	check("wait", m.WaitOnLibraryItemUpdateSession(ctx, session, time.Millisecond, nil))
	expect("its state", got(m.GetLibraryItemUpdateSession(ctx, session)).State, "DONE")
	refused("keep a session alive that is done", m.KeepAliveLibraryItemUpdateSession(ctx, session), http.StatusBadRequest)
	check("delete an update session", m.DeleteLibraryItemUpdateSession(ctx, session))
	_, err = m.GetLibraryItemUpdateSession(ctx, session)
	refused("get a session that was deleted", err, http.StatusNotFound)

	of, err := m.ListLibraryItemFiles(ctx, item)
	check("list files of an item", err)
	expect("how many there are", len(of), 1)
	one, err := m.GetLibraryItemFile(ctx, item, "a b.iso")
	check("get a file of an item", err)
	expect("its size", *one.Size, 5)
	stored, err := m.ListLibraryItemStorage(ctx, item)
	check("list the storage of an item", err)
	expect("where it is", stored[0].StorageBacking.DatastoreID, datastore)
	stored, err = m.GetLibraryItemStorage(ctx, item, "a b.iso")
	check("get the storage of a file", err)
	expect("at which address", strings.HasPrefix(stored[0].StorageURIs[0], "ds:///vmfs/volumes/"), true)
}

// downloads leases the file and reads it.
func downloads(client *rest.Client, m *library.Manager, item string) {
	session, err := m.CreateLibraryItemDownloadSession(ctx, library.Session{LibraryItemID: item})
	check("create a download session", err)
	ids, err := m.ListLibraryItemDownloadSession(ctx)
	check("list download sessions", err)
	expect("the session is listed", slices.Contains(ids, session), true)
	files, err := m.ListLibraryItemDownloadSessionFile(ctx, session)
	check("list files to download", err)
	expect("which one there is", files[0].Name, "a b.iso")
	_, err = m.PrepareLibraryItemDownloadSessionFile(ctx, session, "a b.iso")
	check("prepare a file", err)
	file, err := m.GetLibraryItemDownloadSessionFile(ctx, session, "a b.iso")
	check("get a file to download", err)
	expect("its status", file.Status, "PREPARED")
	source, err := url.Parse(file.DownloadEndpoint.URI)
	check("parse the address of a file", err)
	before := *got(m.GetLibraryItemDownloadSession(ctx, session)).ExpirationTime
	time.Sleep(10 * time.Millisecond)
	check("keep a download session alive", m.KeepAliveLibraryItemDownloadSession(ctx, session))
	after := *got(m.GetLibraryItemDownloadSession(ctx, session)).ExpirationTime
	expect("it lives longer", after.After(before), true)
	stream, _, err := client.Download(ctx, source, &soap.DefaultDownload)
	check("download", err)
	content, err := io.ReadAll(stream)
	check("read what comes", err)
	expect("what came", string(content), "hello")
	check("cancel a download session", m.CancelLibraryItemDownloadSession(ctx, session))
	expect("its state", got(m.GetLibraryItemDownloadSession(ctx, session)).State, "CANCELED")
	_, _, err = client.Download(ctx, source, &soap.DefaultDownload)
	expect("the lease is over", err != nil, true)
	check("delete a download session", m.DeleteLibraryItemDownloadSession(ctx, session))
}

// endings ends sessions in the other ways.
func endings(client *rest.Client, m *library.Manager, item string) {
	session := updateSession(m, item)
	refused("delete an active session", m.DeleteLibraryItemUpdateSession(ctx, session), http.StatusBadRequest)
	// govmomi sends no message, which the documents ask for.
	refused("fail without a message", m.FailLibraryItemUpdateSession(ctx, session), http.StatusBadRequest)
	check("cancel an update session", m.CancelLibraryItemUpdateSession(ctx, session))
	expect("its state", got(m.GetLibraryItemUpdateSession(ctx, session)).State, "CANCELED")
	check("delete an update session", m.DeleteLibraryItemUpdateSession(ctx, session))

	session = updateSession(m, item)
	push(client, m, session, "wrong.iso", "wrong")
	refused("complete with a wrong file", m.CompleteLibraryItemUpdateSession(ctx, session), http.StatusBadRequest)
	err := m.WaitOnLibraryItemUpdateSession(ctx, session, time.Millisecond, nil)
	expect("why it is wrong is told", err != nil && strings.Contains(err.Error(), "checksum"), true)
	check("delete an update session", m.DeleteLibraryItemUpdateSession(ctx, session))
}

// pulled lets the server fetch a file itself.
func pulled(m *library.Manager, id, source string) {
	item, err := m.CreateLibraryItem(ctx, library.Item{LibraryID: id, Name: "pulled", Type: library.ItemTypeISO})
	check("create an item", err)
	session := updateSession(m, item)
	_, err = m.AddLibraryItemFileFromURI(ctx, session, "pulled.iso", source)
	check("add a file to be pulled", err)
	check("complete", m.CompleteLibraryItemUpdateSession(ctx, session))
	check("wait", m.WaitOnLibraryItemUpdateSession(ctx, session, 20*time.Millisecond, nil))
	expect("its state", got(m.GetLibraryItemUpdateSession(ctx, session)).State, "DONE")
	file, err := m.GetLibraryItemFile(ctx, item, "pulled.iso")
	check("get what was pulled", err)
	expect("its size", *file.Size > 0, true)

	session = updateSession(m, item)
	_, err = m.AddLibraryItemFileFromURI(ctx, session, "wrong.iso", source, library.Checksum{Algorithm: "MD5", Checksum: strings.Repeat("0", 32)})
	check("add a file to be pulled with a wrong checksum", err)
	if err = m.CompleteLibraryItemUpdateSession(ctx, session); err == nil {
		err = m.WaitOnLibraryItemUpdateSession(ctx, session, 20*time.Millisecond, nil)
	}
	expect("a wrong checksum is told", err != nil, true)
}

// cleared deletes all that is there.
func cleared(m *library.Manager, id string) {
	item, err := m.CreateLibraryItem(ctx, library.Item{LibraryID: id, Name: "short", Type: "txt"})
	check("create an item", err)
	check("delete an item", m.DeleteLibraryItem(ctx, &library.Item{ID: item}))
	refused("delete it again", m.DeleteLibraryItem(ctx, &library.Item{ID: item}), http.StatusNotFound)
	source, err := m.ListLibraryItems(ctx, id)
	check("list items", err)
	copied, err := m.CopyLibraryItem(ctx, &library.Item{ID: source[0]}, library.Item{LibraryID: id, Name: "copy"})
	check("copy an item", err)
	got, err := m.GetLibraryItem(ctx, copied)
	check("get the copy", err)
	expect("what it was copied from", got.SourceID, source[0])
	second, err := m.CreateLibrary(ctx, library.Library{
		Name: "second", Storage: []library.StorageBacking{{DatastoreID: datastore, Type: "DATASTORE"}},
	})
	check("create a library", err)
	check("delete a library", m.DeleteLibrary(ctx, &library.Library{ID: second}))
	check("delete a library by force", m.ForceDeleteLibrary(ctx, &library.Library{ID: id}))
	left, err := m.ListLibraries(ctx)
	check("list libraries", err)
	expect("it is gone", slices.Contains(left, id), false)
}
