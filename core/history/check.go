package history

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
)

// The format is that of bbolt: pages of one size, of which the first two are heads and the
// others form trees, one of buckets and one in each of these. The library trusts its file
// to the point that pages which lead to each other in a circle keep it busy for ever, that
// keys out of order make it build such circles, and that it overwrites pages in use which
// are in its list of free ones. So a file is looked through before it is given to it.
const (
	headMagic   = 0xED0CDAED
	headVersion = 2
	headSize    = 64 // with its checksum, which is the last 8 bytes

	pageHead = 16 // id, kind, count, and how many more pages belong to it
	elemHead = 16
	bucketAt = 16 // where the page of a bucket without pages of its own begins

	kindBranch, kindLeaf, kindFree = 0x01, 0x02, 0x10
	flagBucket                     = 0x01
)

var native = binary.NativeEndian

// errCut reports a page that does not hold what it says, or not in order.
var errCut = errors.New("a page is cut short or out of order")

// checker looks through a file.
type checker struct {
	file []byte
	size uint64 // of a page
	end  uint64 // the first page that is not in use
	used []bool
}

// check returns an error unless the library can be given the file.
func check(file []byte) error {
	c := &checker{file: file}
	head, err := c.head()
	if err != nil {
		return err
	}
	root, free := native.Uint64(head[16:]), native.Uint64(head[32:])
	c.end = native.Uint64(head[40:])
	if c.end < 2 || c.end > uint64(len(file))/c.size {
		return fmt.Errorf("%d pages are not all there", c.end)
	}
	c.used = make([]bool, c.end)
	c.used[0], c.used[1] = true, true
	if err := c.tree(root, true, keys{}); err != nil {
		return err
	}
	return c.free(free)
}

// head returns the newest head that is sound, and finds out how large pages are.
func (c *checker) head() ([]byte, error) {
	at := func(offset uint64) []byte {
		if offset+pageHead+headSize > uint64(len(c.file)) {
			return nil
		}
		h := c.file[offset+pageHead:][:headSize]
		sum := fnv.New64a()
		sum.Write(h[:headSize-8])
		if native.Uint32(h) != headMagic || native.Uint32(h[4:]) != headVersion || native.Uint64(h[headSize-8:]) != sum.Sum64() {
			return nil
		}
		return h
	}
	first := at(0)
	for shift := 10; first == nil && shift <= 16; shift++ {
		first = at(1 << shift)
	}
	if first == nil {
		return nil, errors.New("it has no head")
	}
	c.size = uint64(native.Uint32(first[8:]))
	if c.size < 1<<10 || c.size > 1<<16 || c.size&(c.size-1) != 0 || uint64(len(c.file)) < 4*c.size {
		return nil, fmt.Errorf("pages of %d bytes in a file of %d", c.size, len(c.file))
	}
	a, b := at(0), at(c.size)
	switch {
	case a == nil && b == nil:
		return nil, errors.New("it has no head")
	case a == nil || b != nil && native.Uint64(b[48:]) > native.Uint64(a[48:]):
		return b, nil
	}
	return a, nil
}

// page returns a page that nothing else leads to, with all that belongs to it.
func (c *checker) page(id uint64) ([]byte, error) {
	if id < 2 || id >= c.end {
		return nil, fmt.Errorf("page %d of %d", id, c.end)
	}
	more := uint64(native.Uint32(c.file[id*c.size+12:]))
	if native.Uint64(c.file[id*c.size:]) != id || more >= c.end-id {
		return nil, fmt.Errorf("page %d is another one", id)
	}
	for i := id; i <= id+more; i++ {
		if c.used[i] {
			return nil, fmt.Errorf("page %d is used twice", i)
		}
		c.used[i] = true
	}
	return c.file[id*c.size : (id+more+1)*c.size], nil
}

// keys are those that may be in a page: in order, from one on and before another; nil is no
// bound.
type keys struct{ from, end []byte }

// take takes the next key, and reports whether it may come.
func (k *keys) take(key []byte) bool {
	if bytes.Compare(key, k.from) < 0 || k.end != nil && bytes.Compare(key, k.end) >= 0 {
		return false
	}
	k.from = append(key[:len(key):len(key)], 0) // the least that is greater
	return true
}

// tree looks through the pages of a tree: that of all buckets, or of one.
func (c *checker) tree(id uint64, buckets bool, may keys) error {
	page, err := c.page(id)
	if err != nil {
		return err
	}
	switch kind := native.Uint16(page[8:]); kind {
	case kindLeaf:
		return c.leaf(page, buckets, may)
	case kindBranch:
		return c.branch(page, buckets, may)
	default:
		return fmt.Errorf("page %d is of kind %#x", id, kind)
	}
}

// branch looks through a page that leads to others, each by the least key in it.
func (c *checker) branch(page []byte, buckets bool, may keys) error {
	count := int(native.Uint16(page[10:]))
	if count == 0 {
		return errors.New("a page leads nowhere")
	}
	firsts, children := make([][]byte, count, count+1), make([]uint64, count)
	order := may
	for i := range count {
		elem, ok := element(page, i)
		if !ok {
			return errCut
		}
		pos, keyLen := native.Uint32(elem), native.Uint32(elem[4:])
		if firsts[i], ok = inside(page, i, pos, keyLen); !ok || !order.take(firsts[i]) {
			return errCut
		}
		children[i] = native.Uint64(elem[8:])
	}
	firsts = append(firsts, may.end)
	for i, child := range children {
		if err := c.tree(child, buckets, keys{firsts[i], firsts[i+1]}); err != nil {
			return err
		}
	}
	return nil
}

// leaf looks through a page of keys and values.
func (c *checker) leaf(page []byte, buckets bool, may keys) error {
	for i := range int(native.Uint16(page[10:])) {
		elem, ok := element(page, i)
		if !ok {
			return errCut
		}
		flags, pos, keyLen, valueLen := native.Uint32(elem), native.Uint32(elem[4:]), native.Uint32(elem[8:]), native.Uint32(elem[12:])
		both, ok := inside(page, i, pos, keyLen, valueLen)
		if !ok || (flags == flagBucket) != buckets || flags > flagBucket || !may.take(both[:keyLen]) {
			return errCut
		}
		if buckets {
			if err := c.bucket(both[keyLen:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket looks through the tree of a bucket, or the one page that a small one has with it.
func (c *checker) bucket(value []byte) error {
	if len(value) < bucketAt {
		return errCut
	}
	if root := native.Uint64(value); root != 0 {
		return c.tree(root, false, keys{})
	}
	if value = value[bucketAt:]; len(value) < pageHead || native.Uint16(value[8:]) != kindLeaf {
		return errCut
	}
	return c.leaf(value, false, keys{})
}

// element returns the head of an element of a page.
func element(page []byte, i int) ([]byte, bool) {
	at := pageHead + i*elemHead
	if at+elemHead > len(page) {
		return nil, false
	}
	return page[at : at+elemHead], true
}

// inside returns what an element leads to, if it is all in its page.
func inside(page []byte, i int, pos uint32, lengths ...uint32) ([]byte, bool) {
	from := uint64(pageHead+i*elemHead) + uint64(pos)
	end := from
	for _, l := range lengths {
		end += uint64(l)
	}
	if end > uint64(len(page)) {
		return nil, false
	}
	return page[from:end], true
}

// free looks through the list of free pages: none of them may be in use.
func (c *checker) free(id uint64) error {
	page, err := c.page(id)
	if err != nil {
		return err
	}
	count, list := uint64(native.Uint16(page[10:])), page[pageHead:]
	if count == 0xFFFF {
		count, list = native.Uint64(list), list[8:]
	}
	if native.Uint16(page[8:]) != kindFree || count > uint64(len(list))/8 {
		return errors.New("the list of free pages is cut short")
	}
	for i := range count {
		free := native.Uint64(list[i*8:])
		if free >= c.end || c.used[free] {
			return fmt.Errorf("page %d is not free", free)
		}
		c.used[free] = true
	}
	return nil
}
