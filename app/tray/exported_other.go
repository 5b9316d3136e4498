//go:build windows || (darwin && cgo)

package tray

// awaitExport has nothing to wait for: these systems know no id.
func awaitExport() {}
