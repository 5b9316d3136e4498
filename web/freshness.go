package web

// freshness is which rows of what links have been through are not on disk as they are in
// memory. Nil notes nothing.
type freshness struct {
	rows  map[rowID]bool
	links map[string]bool // whose changes are others
}

// rowID is one slot of a span.
type rowID struct {
	span int
	at   int64
}

func newFreshness() *freshness {
	return &freshness{rows: map[rowID]bool{}, links: map[string]bool{}}
}

// bucket notes that a slot has changed.
func (f *freshness) bucket(span int, at int64) {
	if f != nil {
		f.rows[rowID{span, at}] = true
	}
}

// link notes that the changes of a link have changed, or that it is gone.
func (f *freshness) link(id string) {
	if f != nil {
		f.links[id] = true
	}
}

// all notes everything that links have.
func (f *freshness) all(links map[string]*trace) {
	if f == nil {
		return
	}
	for id, tr := range links {
		f.links[id] = true
		for i, chart := range tr.charts {
			for _, b := range chart {
				f.rows[rowID{i, b.at}] = true
			}
		}
	}
}
