// Package app joins the floors: configuration, wiring, the one list of
// services, and the commands of the program. What can be derived from the list
// (menus, routes, permissions, API, purge, demonstration) is derived here.
package app
