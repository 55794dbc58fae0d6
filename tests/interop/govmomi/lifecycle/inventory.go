package main

import (
	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/pbm"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
)

// inventory finds the datastore as the Terraform provider does, and greets the services that it greets.
func inventory(service *govmomi.Client) {
	expect("the kind of server", service.IsVC(), true)
	_, err := pbm.NewClient(ctx, service.Client)
	check("greet the service of storage policies", err)
	finder := find.NewFinder(service.Client, false)
	center, err := finder.DefaultDatacenter(ctx)
	check("find the data center", err)
	_, err = finder.Datacenter(ctx, center.InventoryPath)
	check("find the data center by its path", err)
	finder.SetDatacenter(center)
	store, err := finder.Datastore(ctx, "mock-datastore")
	check("find the datastore", err)
	expect("its id", store.Reference().Value, datastore)
	same, err := finder.ObjectReference(ctx, store.Reference())
	check("find the datastore by its id", err)
	expect("its path", same.(*object.Datastore).InventoryPath, center.InventoryPath+"/datastore/mock-datastore")
	var all mo.Datastore
	check("read its properties", store.Properties(ctx, store.Reference(), nil, &all))
	expect("its name", all.Name, "mock-datastore")
	expect("its room", all.Summary.Capacity, 1000<<30)
	active, err := service.SessionManager.SessionIsActive(ctx)
	check("ask whether the session is active", err)
	expect("it is", active, true)
	_, err = methods.GetCurrentTime(ctx, service.Client)
	check("ask for the time", err)
}
