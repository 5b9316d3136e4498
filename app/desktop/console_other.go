//go:build !windows

package desktop

// JoinConsole makes os.Stdout and os.Stderr show in the console that the program was
// started from. Only Windows needs that; here nothing happens.
func JoinConsole() {}
