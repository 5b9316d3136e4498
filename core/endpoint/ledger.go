package endpoint

import (
	"slices"
	"sync"
	"sync/atomic"
)

// anomaliesKept bounds the ended anomalies that are remembered.
const anomaliesKept = 64

// ledger is what a manager keeps of all its links, those that are gone included. Its
// zero value is empty; it is safe for concurrent use.
type ledger struct {
	totals    [counted]atomic.Uint64
	checkTime atomic.Int64 // nanoseconds spent in health checks

	mu      sync.Mutex
	lasting map[*link][]Anomaly // by link: an ID may come again while its old link ends
	ended   []Anomaly           // the newest last
}

// record takes the anomalies that last on a link and those that just ended there.
func (b *ledger) record(l *link, lasting, ended []Anomaly) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case len(lasting) == 0:
		delete(b.lasting, l)
	case b.lasting == nil:
		b.lasting = map[*link][]Anomaly{l: lasting}
	default:
		b.lasting[l] = lasting
	}
	b.ended = append(b.ended, ended...)
	if extra := len(b.ended) - anomaliesKept; extra > 0 {
		b.ended = slices.Delete(b.ended, 0, extra)
	}
}

// anomaliesTidied is how many ended anomalies trim leaves.
const anomaliesTidied = 16

// trim forgets the older of the ended anomalies.
func (b *ledger) trim() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if extra := len(b.ended) - anomaliesTidied; extra > 0 {
		b.ended = slices.Clone(b.ended[extra:])
	}
}

// anomalies returns all that are known, those that began last at the end.
func (b *ledger) anomalies() []Anomaly {
	b.mu.Lock()
	all := slices.Clone(b.ended)
	for _, lasting := range b.lasting {
		all = append(all, lasting...)
	}
	b.mu.Unlock()
	slices.SortStableFunc(all, func(x, y Anomaly) int { return x.Since.Compare(y.Since) })
	return all
}
