// Package access says who may do what: roles are held per territory and per
// service, permissions are granted to roles by the services that declare them.
//
// Law: least privilege (RGS, CNIL guide to security). Tables: see store.go.
package access
