package main

import (
	"strings"
	"testing"
)

// TestPackedPage: the same page gives the same bytes, and no name or time is in them.
func TestPackedPage(t *testing.T) {
	one, err := packedPage([]byte(strings.Repeat(".SH \"NAME\"\n", 100)))
	if err != nil {
		t.Fatal(err)
	}
	two, err := packedPage([]byte(strings.Repeat(".SH \"NAME\"\n", 100)))
	if err != nil || string(one) != string(two) {
		t.Errorf("%x\n%x\n%v", one, two, err)
	}
	if flags, time := one[3], one[4:8]; flags != 0 || string(time) != "\x00\x00\x00\x00" {
		t.Errorf("the flags are %x, the time is %x", flags, time)
	}
}
