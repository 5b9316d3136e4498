package broker

import (
	"strings"
	"testing"
	"time"
)

// FuzzHandle feeds frames of a hostile tool side to a socket with requests of every
// kind in flight.
func FuzzHandle(f *testing.F) {
	for _, seed := range []string{
		`{"jsonrpc":"2.0","id":0,"result":{"serverInfo":{"name":"x","version":"1"}}}`,
		`{"jsonrpc":"2.0","id":0,"result":[]}`,
		`{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"},{},1,null]}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"tools":` + strings.Repeat("[", 2000),
		`{"jsonrpc":"2.0","id":2,"error":{"code":"x"}}`,
		`{"jsonrpc":"2.0","id":"r_n_1","result":{"content":[{"type":"text","text":"\ud800"}]}}`,
		`{"jsonrpc":"2.0","id":{},"method":"ping"}`,
		`[]`, "\xff", "",
	} {
		f.Add([]byte(seed), false)
		f.Add([]byte(seed), true)
	}
	f.Fuzz(func(t *testing.T, frame []byte, relay bool) {
		family := Official
		if relay {
			family = Relay
		}
		b := New(&Options{Family: family})
		s, robot := deafSocket(b, toolSide), deafSocket(b, robotSide)
		for id, p := range map[string]*pending{
			"0":         {step: stepInitialize, handshake: true},
			"1":         {step: stepList, handshake: true},
			"2":         {answer: make(chan answer, 1)},
			"3":         {answer: make(chan answer, 1), whole: true},
			`"r_n_1"`:   {robot: robot, robotID: []byte("1")},
			`"r_s_abc"`: {robot: robot, robotID: []byte(`"abc"`), step: stepList},
		} {
			if err := s.ask(id, p); err != nil {
				t.Fatal(err)
			}
		}
		s.handle(frame)
		s.handle(frame) // twice: the second is a stray
		robot.handle(frame)
		hear(family, frame, 100)
		_, _, _ = parseTools(frame)
		_ = b.Close()
	})
}

// deafSocket is a socket whose peer is a pipe that is closed already.
func deafSocket(b *Broker, side side) *socket {
	near, _ := pipe("near", "far")
	_ = near.Close()
	return &socket{broker: b, agent: "1", side: side, uuid: "r", wire: newWire(near, Fault{Mute: true}), since: time.Now(), gone: make(chan struct{})}
}
