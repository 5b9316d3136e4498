package web

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// logUsual is how many records the API gives when nobody says.
const logUsual = 200

// recordReport is what the API says of a record.
type recordReport struct {
	Seq        uint64         `json:"seq"`
	At         time.Time      `json:"at"`
	Level      string         `json:"level"`
	Message    string         `json:"message"`
	Attributes []LogAttribute `json:"attributes"`
}

// logReport answers with the last records, filtered as the address says, the oldest
// first. Those after a number can be asked for with the last one seen.
func (s *Server) logReport(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	level, known := parseLevel(query.Get("level"))
	after, limit, ok := uint64(0), logUsual, len(query.Get("q")) <= longestFilter && len(query.Get("endpoint")) <= longestFilter
	if v := query.Get("after"); v != "" {
		var err error
		after, err = strconv.ParseUint(v, 10, 64)
		ok = ok && err == nil
	}
	if v := query.Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		limit, ok = n, ok && err == nil && n >= 1 && n <= logMost
	}
	switch {
	case query.Get("level") != "" && !known:
		s.refuse(w, r, kindAPI, "unknown_level")
		return
	case !ok:
		s.refuse(w, r, kindAPI, "bad_query", "want", "after=0&limit="+strconv.Itoa(logMost))
		return
	}
	f := logFilterOf(url.Values{"q": query["q"], "endpoint": query["endpoint"]})
	f.level, f.bound = level, known
	records := s.deps.Log.Records()
	found, total := f.last(records, after, limit)
	list := make([]recordReport, 0, len(found))
	for _, record := range found {
		list = append(list, recordReport{record.Seq, record.At.UTC(), levelName(record.Level), record.Message, append([]LogAttribute{}, record.Attributes...)})
	}
	last := after
	if len(records) > 0 {
		last = max(last, records[len(records)-1].Seq)
	}
	answer := map[string]any{"records": list, "total": total, "last": last}
	maps.Copy(answer, levelReport(s.deps.Log.Level()))
	s.json(w, r, http.StatusOK, answer)
}
