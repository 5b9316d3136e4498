package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// sumsName is the file that sha256sum --check reads.
const sumsName = "SHA256SUMS"

// sums lists the results with their sizes, and writes their hashes.
func (j *job) sums() error {
	entries, err := os.ReadDir(j.out) // in the order of names
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), program+"_") && e.Name() != noticesName {
			continue // not ours
		}
		body, err := os.ReadFile(filepath.Join(j.out, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(body), e.Name())
		fmt.Printf("%6.2f MB  %s\n", float64(len(body))/1e6, e.Name())
	}
	return os.WriteFile(filepath.Join(j.out, sumsName), []byte(sums.String()), 0o644)
}
