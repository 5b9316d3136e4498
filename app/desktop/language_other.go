//go:build !windows && !darwin

package desktop

func languages() []string { return nil }
