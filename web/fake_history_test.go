package web

import (
	"slices"
	"strings"
	"sync"

	"xiaozhi-switchboard/core/history"
)

// fakeHistory is a store in memory.
type fakeHistory struct {
	mu     sync.Mutex
	rows   map[string]map[string][]byte
	writes []int // how many rows each had
	fail   error
}

func (f *fakeHistory) Read(series string) ([]history.Row, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var rows []history.Row
	for key, value := range f.rows[series] {
		rows = append(rows, history.Row{Series: series, Key: key, Value: value})
	}
	slices.SortFunc(rows, func(a, b history.Row) int { return strings.Compare(a.Key, b.Key) })
	return rows, f.fail
}

func (f *fakeHistory) Write(rows []history.Row) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return f.fail
	}
	f.writes = append(f.writes, len(rows))
	for _, r := range rows {
		if f.rows == nil {
			f.rows = map[string]map[string][]byte{}
		}
		if f.rows[r.Series] == nil {
			f.rows[r.Series] = map[string][]byte{}
		}
		if f.rows[r.Series][r.Key] = r.Value; r.Value == nil {
			delete(f.rows[r.Series], r.Key)
		}
	}
	return nil
}

func (f *fakeHistory) Trim(series, from, end string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key := range f.rows[series] {
		if key < from || key >= end {
			delete(f.rows[series], key)
		}
	}
	return f.fail
}

// set decides whether anything works.
func (f *fakeHistory) set(fail error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fail = fail
}

// written is how often something was written.
func (f *fakeHistory) written() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.writes)
}
