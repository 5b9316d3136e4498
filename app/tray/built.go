//go:build windows || (darwin && cgo)

package tray

// built says whether there is a toolkit.
const built = true
