package app

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/rpc"
)

// callRhythm is the time between two pings of a caller.
const callRhythm = 5 * time.Millisecond

// playCaller is an endpoint in a process of its own, as lean as can be. It accepts
// sockets, and for each line "socket calls size" that it reads it makes so many tool
// calls on that socket, one after another, and writes how many nanoseconds they took.
// "wait n" waits for n sockets. "ping socket" asks for the tools and pings in the rhythm of
// callRhythm, as an endpoint may before its first call.
func playCaller() {
	accepted := make(chan *websocket.Conn, 16)
	up := websocket.Upgrader{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		accepted <- c
	}))
	fmt.Println("ws://" + l.Addr().String())
	var sockets []*websocket.Conn
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		var socket, calls, size int
		if n, _ := fmt.Sscanf(in.Text(), "wait %d", &calls); n == 1 {
			for len(sockets) < calls {
				sockets = append(sockets, <-accepted)
			}
			fmt.Println(len(sockets))
			continue
		}
		if n, _ := fmt.Sscanf(in.Text(), "ping %d", &socket); n == 1 {
			for i := range 30 {
				<-time.After(callRhythm)
				method := rpc.MethodPing
				if i%10 == 0 {
					method = rpc.MethodToolsList
				}
				if err := sockets[socket].WriteMessage(websocket.TextMessage, rpc.AppendRequest(nil, 1, method, nil)); err != nil {
					panic(err)
				}
				if _, _, err := sockets[socket].ReadMessage(); err != nil {
					panic(err)
				}
			}
			fmt.Println("pinged")
			continue
		}
		if _, err := fmt.Sscan(in.Text(), &socket, &calls, &size); err != nil {
			panic(err)
		}
		frame := rpc.AppendRequest(nil, 1, rpc.MethodToolsCall, rpc.AppendToolCall(nil, "bench__echo", textOf(size)))
		start := time.Now()
		for range calls {
			if err := sockets[socket].WriteMessage(websocket.TextMessage, frame); err != nil {
				panic(err)
			}
			_, answer, err := sockets[socket].ReadMessage()
			if err != nil || len(answer) < size || bytes.Contains(answer, []byte(`"error"`)) {
				panic(fmt.Sprintf("the answer is %.200s, %v", answer, err))
			}
		}
		fmt.Println(time.Since(start).Nanoseconds())
	}
}

// caller is playCaller in another process.
type caller struct {
	*child
	url string
}

func startCaller(tb testing.TB) *caller {
	tb.Helper()
	c := &caller{startChild(tb, "caller"), ""}
	c.url = c.line()
	return c
}

// each returns how long one of so many calls took on a socket.
func (c *caller) each(socket, calls, size int) time.Duration {
	c.tb.Helper()
	fmt.Fprintln(c.in, socket, calls, size)
	var ns int64
	if _, err := fmt.Sscan(c.line(), &ns); err != nil {
		c.tb.Fatal(err)
	}
	return time.Duration(ns) / time.Duration(calls)
}

// ping asks for the tools and pings on a socket.
func (c *caller) ping(socket int) {
	c.tb.Helper()
	fmt.Fprintln(c.in, "ping", socket)
	c.line()
}

// wait returns when there are n sockets.
func (c *caller) wait(n int) {
	c.tb.Helper()
	fmt.Fprintln(c.in, "wait", n)
	c.line()
}

// echo connects a raw loop that sends every frame back: the floor of a socket.
func (c *caller) echo() {
	conn, _, err := websocket.DefaultDialer.Dial(c.url, nil)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.tb.Cleanup(func() { conn.Close() })
	go func() {
		for {
			kind, data, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(kind, data) != nil {
				return
			}
		}
	}()
}
