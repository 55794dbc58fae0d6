// govc with its library commands alone: all of them take three times as long to build.
package main

import (
	"os"

	"github.com/vmware/govmomi/cli"
	_ "github.com/vmware/govmomi/cli/about"
	_ "github.com/vmware/govmomi/cli/library"
	_ "github.com/vmware/govmomi/cli/library/session"
)

func main() {
	os.Exit(cli.Run(os.Args[1:]))
}
