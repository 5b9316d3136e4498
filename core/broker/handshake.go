package broker

import (
	"bytes"
	"strconv"
	"sync"

	"xiaozhi-switchboard/core/rpc"
)

// What the official server was seen to send.
var (
	initializeParams = []byte(`{"protocolVersion":"2024-11-05","capabilities":{"sampling":{},"roots":{"listChanged":false}},"clientInfo":{"name":"xz-mcp-broker","version":"0.0.1"}}`)
	emptyParams      = []byte(`{}`)
)

// greet starts the handshake of the official server: initialize with id 0.
func (s *socket) greet() {
	s.request(rpc.MethodInitialize, initializeParams, &pending{step: stepInitialize, handshake: true})
}

// request sends a request under the socket's next number.
func (s *socket) request(method string, params []byte, p *pending) {
	id := s.takeID()
	if s.ask(id, p) != nil {
		return // closing
	}
	buf := takeBuffer()
	*buf = appendRequest(*buf, id, method, params)
	s.postText(buf)
}

// takeID returns the socket's next id as raw JSON, from 0 up.
func (s *socket) takeID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextID
	s.nextID++
	return strconv.FormatInt(id, 10)
}

// appendRequest writes a request in the member order of the official server.
func appendRequest(dst []byte, id, method string, params []byte) []byte {
	dst = append(dst, `{"id":`...)
	dst = append(dst, id...)
	dst = append(dst, `,"jsonrpc":"2.0","method":"`...)
	dst = append(dst, method...)
	dst = append(dst, `","params":`...)
	dst = append(dst, params...)
	return append(dst, '}')
}

// note learns from the result of an initialize or a tools/list, and takes the
// handshake further.
func (s *socket) note(p *pending, result []byte) {
	switch p.step {
	case stepInitialize:
		peer := peerOf(result)
		s.mu.Lock()
		s.initialized, s.peer = true, peer
		s.mu.Unlock()
		if p.handshake {
			buf := takeBuffer()
			*buf = rpc.AppendNotification(*buf, rpc.MethodInitialized, nil)
			s.postText(buf)
			s.request(rpc.MethodToolsList, emptyParams, &pending{step: stepList, handshake: true})
		}
	case stepList:
		if s.tools.Swap(s.broker.lists.of(result)) == nil {
			s.broker.listed.Add(1)
		}
	}
}

// peerOf returns the name and version of an initialize result.
func peerOf(result []byte) string {
	var name, version string
	_ = rpc.Members(result, func(key, value []byte) error {
		if string(key) != "serverInfo" || value[0] != '{' {
			return nil
		}
		return rpc.Members(value, func(key, value []byte) error {
			switch string(key) {
			case "name":
				name = text(value)
			case "version":
				version = text(value)
			}
			return nil
		})
	})
	if len(name)+len(version) > 200 {
		return ""
	}
	if version != "" {
		name += " " + version
	}
	return name
}

// listing is the names of a tools/list result.
type listing struct {
	names []string
	index map[string]struct{}
}

func (l *listing) has(name string) bool {
	if l == nil {
		return false
	}
	_, offered := l.index[name]
	return offered
}

// listings remembers the last result, since most sockets list the same tools.
type listings struct {
	mu   sync.Mutex
	raw  []byte
	last *listing
}

// of reads the names of a result; what is not a list is an empty one.
func (c *listings) of(result []byte) *listing {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && bytes.Equal(c.raw, result) {
		return c.last
	}
	l := &listing{index: make(map[string]struct{})}
	tools, _, _ := parseTools(result)
	for _, tool := range tools {
		l.names = append(l.names, tool.Name)
		l.index[tool.Name] = struct{}{}
	}
	c.raw, c.last = append([]byte(nil), result...), l
	return l
}
