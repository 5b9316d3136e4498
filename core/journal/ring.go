package journal

// sized is a value that knows about how many bytes it takes.
type sized[T any] interface {
	*T
	size() int
}

// ring keeps the newest values, within bounds. It grows as it fills, so that an idle
// program holds next to nothing, and allocates nothing once it is full.
type ring[T any, P sized[T]] struct {
	most  int // values
	bytes int // of all of them
	buf   []T
	head  int // the place of the oldest
	n     int
	used  int    // bytes
	last  uint64 // the number of the newest
}

// put adds a value of a size, in bytes.
func (r *ring[T, P]) put(v T, size int) {
	r.used += size
	for r.n > 0 && (r.n == r.most || r.used > r.bytes) {
		r.drop()
	}
	if r.n == len(r.buf) {
		r.grow()
	}
	*r.at(r.n) = v
	r.n++
	r.last++
}

// grow makes room for twice as many values.
func (r *ring[T, P]) grow() {
	grown := make([]T, min(max(2*r.n, 16), r.most))
	for i := range r.n {
		grown[i] = *r.at(i)
	}
	r.buf, r.head = grown, 0
}

// at is the place of a value, counted from the oldest.
func (r *ring[T, P]) at(i int) *T { return &r.buf[(r.head+i)%len(r.buf)] }

// drop forgets the oldest, and what it refers to.
func (r *ring[T, P]) drop() {
	oldest := r.at(0)
	r.used -= P(oldest).size()
	*oldest = *new(T)
	r.head = (r.head + 1) % len(r.buf)
	r.n--
}

// between returns copies of those with numbers over after and, unless that is 0, under
// before, the newest first.
func (r *ring[T, P]) between(after, before uint64) []T {
	first := r.last - uint64(r.n) + 1 // the number of the oldest
	to := r.last + 1
	if before > 0 {
		to = min(to, before)
	}
	from := first
	if after >= first { // so that after+1 does not overflow
		if after >= to {
			return nil
		}
		from = after + 1
	}
	if to <= from {
		return nil
	}
	list := make([]T, 0, to-from)
	for seq := to - 1; seq >= from; seq-- {
		list = append(list, *r.at(int(seq - first)))
	}
	return list
}
