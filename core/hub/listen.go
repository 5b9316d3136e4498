package hub

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// How soon a stream that ended is asked for again.
const (
	listenAgain   = 5 * time.Second
	listenAtMost  = time.Minute
	longestNotice = 1 << 20
)

// listen keeps the stream open on which a streamable server speaks first, so that
// a changed list of tools is heard of. A server need not have one, and nothing
// breaks without.
func (l *httpLink) listen() {
	for wait := listenAgain; ; wait = min(2*wait, listenAtMost) {
		began := time.Now()
		if !l.hear() {
			return
		}
		if time.Since(began) > listenAtMost {
			wait = listenAgain
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.peer.Done():
			timer.Stop()
			return
		case <-l.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// hear reads one such stream to its end; false when there is none to be had.
func (l *httpLink) hear() bool {
	req, err := http.NewRequestWithContext(l.ctx, http.MethodGet, l.trip.target.String(), nil)
	if err != nil {
		return false
	}
	req.Header.Set("Accept", "text/event-stream")
	if id := l.conn.SessionID(); id != "" {
		req.Header.Set("Mcp-Session-Id", id)
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return l.ctx.Err() == nil
	}
	defer resp.Body.Close()
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case resp.StatusCode >= 500:
		return true
	case resp.StatusCode != http.StatusOK, kind != "text/event-stream":
		return false
	}
	readEvents(resp.Body, func(data []byte) {
		m, err := rpc.Parse(data)
		if err != nil || m.Kind == rpc.KindResponse {
			l.peer.Strange("an event that is no message", data)
			return
		}
		l.peer.Receive(m)
	})
	return l.ctx.Err() == nil
}

// readEvents calls handle with the data of each "message" event of a stream of
// server-sent events, until the stream ends. Data over longestNotice is left out.
func readEvents(r io.Reader, handle func(data []byte)) {
	lines := bufio.NewReaderSize(r, 4<<10)
	var data, line []byte
	name := ""
	tooLong := false
	for {
		part, err := lines.ReadSlice('\n')
		if len(line)+len(data)+len(part) > longestNotice {
			tooLong = true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		whole := bytes.TrimRight(line, "\r\n")
		line = line[:0]
		field, value, _ := bytes.Cut(whole, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case len(bytes.TrimRight(part, "\r\n")) == 0 && len(whole) == 0:
			if len(data) > 0 && !tooLong && (name == "" || name == "message") {
				handle(data)
			}
			data, name, tooLong = data[:0], "", false
		case string(field) == "data":
			if len(data) > 0 {
				data = append(data, '\n')
			}
			data = append(data, value...)
		case string(field) == "event":
			name = string(value[:min(len(value), 40)])
		}
		if err != nil {
			return
		}
	}
}
