//go:build !unix

package hub

import "os"

// tryWriter would write without waiting; pipes cannot do that here.
type tryWriter struct{}

func newTryWriter(*os.File) *tryWriter { return nil }

func (*tryWriter) write([]byte) (int, error) { return 0, os.ErrInvalid }
