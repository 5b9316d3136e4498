package broker_test

import (
	"context"
	"fmt"
	"net"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/rpc"
)

// A broker is started on loopback, a tool side connects to it, and a robot calls
// its tool.
func Example() {
	far := broker.New(&broker.Options{Family: broker.Official})
	defer far.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go far.Serve(listener)

	address := far.URL("ws://"+listener.Addr().String(), "kitchen")
	conn, _, err := websocket.DefaultDialer.Dial(address, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	go answer(conn)

	ctx := context.Background()
	_ = far.Wait(ctx, func() bool {
		sockets := far.Sockets("kitchen")
		return len(sockets) == 1 && sockets[0].Listed
	})
	fmt.Println("tools:", far.Sockets("kitchen")[0].Tools)
	result, err := far.Robot("kitchen").Call(ctx, "greet", []byte(`{"name":"小智"}`))
	fmt.Println("heard:", result.Text, err)
	// Output:
	// tools: [greet]
	// heard: hello <nil>
}

// answer is the smallest tool side there is.
func answer(conn *websocket.Conn) {
	results := map[string]string{
		rpc.MethodInitialize: `{"protocolVersion":"2024-11-05","capabilities":{"tools":{}},"serverInfo":{"name":"example","version":"1"}}`,
		rpc.MethodToolsList:  `{"tools":[{"name":"greet","inputSchema":{"type":"object"}}]}`,
		rpc.MethodToolsCall:  `{"content":[{"type":"text","text":"hello"}]}`,
		rpc.MethodPing:       `{}`,
	}
	for {
		_, frame, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if m, err := rpc.Parse(frame); err == nil && m.Kind == rpc.KindRequest {
			_ = conn.WriteMessage(websocket.TextMessage, rpc.AppendResult(nil, m.ID, []byte(results[m.Method])))
		}
	}
}
