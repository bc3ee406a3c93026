// Command parvis is the whole program: pages, API, background work, imports.
package main

import (
	"os"

	"parvis/app"
)

func main() { os.Exit(app.Main(os.Args[1:], os.Environ(), os.Stdout, os.Stderr)) }
