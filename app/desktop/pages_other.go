//go:build !linux

package desktop

// DropProgram has nothing to do.
func DropProgram() error { return nil }
