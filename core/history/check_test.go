package history

import (
	"bytes"
	"testing"
)

// TestCheck changes a sound file, a little each time, so that the library would run in
// circles or write where something is.
func TestCheck(t *testing.T) {
	good := sound(t)
	if err := check(good); err != nil {
		t.Fatalf("a sound file: %v", err)
	}
	c := &checker{file: good}
	head, err := c.head()
	if err != nil {
		t.Fatal(err)
	}
	free := native.Uint64(head[32:])
	// pages of a kind, in use
	find := func(file []byte, kind uint16) []byte {
		for id := uint64(2); id < native.Uint64(head[40:]); id++ {
			if page := file[id*c.size:][:c.size]; native.Uint16(page[8:]) == kind && native.Uint16(page[10:]) > 1 && id != free {
				for i := range native.Uint16(file[free*c.size+10:]) {
					if native.Uint64(file[free*c.size+pageHead+uint64(i)*8:]) == id {
						page = nil
					}
				}
				if page != nil {
					return page
				}
			}
		}
		t.Fatalf("no page is of kind %d", kind)
		return nil
	}
	for name, change := range map[string]func(file []byte){
		"a circle": func(file []byte) {
			branch := find(file, kindBranch)
			native.PutUint64(branch[pageHead+8:], native.Uint64(branch))
		},
		"twice": func(file []byte) {
			branch := find(file, kindBranch)
			native.PutUint64(branch[pageHead+8:], native.Uint64(branch[pageHead+elemHead+8:]))
		},
		"nowhere":  func(file []byte) { native.PutUint64(find(file, kindBranch)[pageHead+8:], 1<<40) },
		"no page":  func(file []byte) { native.PutUint16(find(file, kindBranch)[10:], 0) },
		"too many": func(file []byte) { native.PutUint16(find(file, kindBranch)[10:], 0xFFFF) },
		"long key": func(file []byte) { native.PutUint32(find(file, kindLeaf)[pageHead+8:], 1<<31) },
		"order": func(file []byte) {
			leaf := find(file, kindLeaf)
			leaf[pageHead+native.Uint32(leaf[pageHead+4:])] = 'z'
		},
		"no such kind":  func(file []byte) { native.PutUint16(find(file, kindLeaf)[8:], 7) },
		"free and used": func(file []byte) { native.PutUint64(file[free*c.size+pageHead:], native.Uint64(find(file, kindLeaf))) },
		"free twice": func(file []byte) {
			native.PutUint64(file[free*c.size+pageHead:], native.Uint64(file[free*c.size+pageHead+8:]))
		},
		"long list": func(file []byte) { native.PutUint16(file[free*c.size+10:], 0xFFFF) },
	} {
		bad := bytes.Clone(good)
		change(bad)
		if bytes.Equal(bad, good) {
			t.Errorf("%s: nothing was changed", name)
		}
		if err := check(bad); err == nil {
			t.Errorf("%s is not seen", name)
		}
	}
}
