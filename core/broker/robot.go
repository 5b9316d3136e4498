package broker

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// Robot is a device of an agent: it asks the agent's tool sides through the broker.
// Several robots share one socket. Methods may be called concurrently.
type Robot struct {
	broker *Broker
	agent  string
	uuid   string
	next   atomic.Int64
}

// Robot returns a new device of an agent. It holds no resources.
func (b *Broker) Robot(agent string) *Robot {
	return &Robot{broker: b, agent: agent, uuid: newUUID()}
}

// Initialize sends initialize and, when that is answered, the notification that
// ends the handshake. With Official it does so on every socket of the agent, as a
// refresh of the console does.
func (r *Robot) Initialize(ctx context.Context) error {
	targets, err := r.targets(ctx, "")
	if err != nil {
		return err
	}
	params := initializeParams
	if r.broker.opts.Family == Relay {
		params = robotParams
	}
	for _, s := range targets {
		if _, err := r.exchange(ctx, s, rpc.MethodInitialize, params); err != nil {
			return err
		}
		buf := takeBuffer()
		*buf = rpc.AppendNotification(*buf, rpc.MethodInitialized, nil)
		s.postText(buf)
	}
	return nil
}

// robotParams is the initialize of the esp32 voice server.
var robotParams = []byte(`{"protocolVersion":"2024-11-05","capabilities":{"roots":{"listChanged":true},"sampling":{}},"clientInfo":{"name":"XiaozhiMCPEndpointClient","version":"1.0.0"}}`)

// maxPages bounds how often a cursor of a tool list is followed.
const maxPages = 50

// Tools asks for the tool list, with Official of every socket of the agent, and
// returns the lists one after the other. Pages are followed.
func (r *Robot) Tools(ctx context.Context) ([]Tool, error) {
	targets, err := r.targets(ctx, "")
	if err != nil {
		return nil, err
	}
	var all []Tool
	for _, s := range targets {
		params := emptyParams
		for range maxPages {
			result, err := r.exchange(ctx, s, rpc.MethodToolsList, params)
			if err != nil {
				return all, err
			}
			tools, cursor, err := parseTools(result)
			all = append(all, tools...)
			if err != nil {
				return all, err
			}
			if cursor == "" {
				break
			}
			params = append(rpc.AppendString([]byte(`{"cursor":`), cursor), '}')
		}
	}
	return all, nil
}

// Ping sends a JSON-RPC ping and returns how long the answer took.
func (r *Robot) Ping(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	_, err := r.Request(ctx, rpc.MethodPing, emptyParams)
	return time.Since(start), err
}

// Call calls a tool with raw JSON arguments, an object; nil means none. It goes to
// the socket that offers the tool, else to the oldest. The error is an *rpc.Error
// when the answer was one, ErrTimeout, ErrGone, ErrNoToolSide, or that of ctx, in
// which case the tool side is told that the call is cancelled. The result's Took is
// set in every case.
func (r *Robot) Call(ctx context.Context, name string, arguments []byte) (Result, error) {
	start := time.Now()
	if arguments == nil {
		arguments = emptyParams
	}
	if err := rpc.Members(arguments, func(_, _ []byte) error { return nil }); err != nil {
		return Result{}, errors.New("call tool: the arguments are not a JSON object")
	}
	targets, err := r.targets(ctx, name)
	if err != nil {
		return Result{Took: time.Since(start)}, err
	}
	params := takeBuffer()
	*params = r.appendCall(*params, name, arguments)
	raw, err := r.exchange(ctx, targets[0], rpc.MethodToolsCall, *params)
	giveBuffer(params)
	if err != nil {
		return Result{Took: time.Since(start)}, err
	}
	result := hear(r.broker.opts.Family, raw, r.broker.opts.MaxResultBytes)
	result.Took = time.Since(start)
	return result, nil
}

// appendCall writes the params of a tool call, with the official attribution.
func (r *Robot) appendCall(dst []byte, name string, arguments []byte) []byte {
	dst = rpc.AppendToolCall(dst, name, arguments)
	if r.broker.opts.Family == Relay {
		return dst
	}
	dst = append(dst[:len(dst)-1], `,"clientId":null,"serialNumber":null,"_meta":{"clientId":null,"serialNumber":null,"agentId":`...)
	dst = append(dst, agentNumber(r.agent)...)
	return append(dst, `}}`...)
}

// Request sends any request to the oldest socket and returns the raw result. It is
// the cheapest way to put load on a tool side. Errors are those of Call. Params is
// raw JSON and is sent unchecked.
func (r *Robot) Request(ctx context.Context, method string, params []byte) ([]byte, error) {
	targets, err := r.targets(ctx, "")
	if err != nil {
		return nil, err
	}
	return r.exchange(ctx, targets[0], method, params)
}

// Notify sends a notification to every socket of the agent. Params is raw JSON, nil
// for none.
func (r *Robot) Notify(ctx context.Context, method string, params []byte) error {
	targets, err := r.targets(ctx, "")
	if err != nil {
		return err
	}
	for _, s := range targets {
		buf := takeBuffer()
		*buf = rpc.AppendNotification(*buf, method, params)
		s.postText(buf)
	}
	return nil
}

// Cancel sends notifications/cancelled for a raw id, such as one of InFlight.
func (r *Robot) Cancel(ctx context.Context, id []byte, reason string) error {
	params := append([]byte(`{"requestId":`), id...)
	params = append(params, `,"reason":`...)
	params = append(rpc.AppendString(params, reason), '}')
	return r.Notify(ctx, rpc.MethodCancelled, params)
}

// InFlight returns the raw ids of this robot's requests that wait for an answer.
func (r *Robot) InFlight() [][]byte {
	var ids [][]byte
	for _, s := range r.broker.reachable(r.agent) {
		s.mu.Lock()
		for id, p := range s.pending {
			if p.asker == r {
				ids = append(ids, []byte(id))
			}
		}
		s.mu.Unlock()
	}
	return ids
}

// takeID returns the id of the robot's next request as it appears on the wire.
func (r *Robot) takeID(s *socket) string {
	if r.broker.opts.Family == Official {
		return s.takeID()
	}
	return `"` + r.uuid + "_n_" + strconv.FormatInt(r.next.Add(1), 10) + `"`
}

// targets returns the sockets to ask, one that offers tool first, waiting for
// Options.SettleRobots where there is none. It never returns an empty list.
func (r *Robot) targets(ctx context.Context, tool string) ([]*socket, error) {
	b := r.broker
	targets := b.reachable(r.agent)
	if b.opts.SettleRobots > 0 && !settled(b.opts.Family, targets) {
		waiting, stop := context.WithTimeout(ctx, b.opts.SettleRobots)
		_ = b.Wait(waiting, func() bool {
			targets = b.reachable(r.agent)
			return settled(b.opts.Family, targets)
		})
		stop()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		return nil, ErrNoToolSide
	}
	if tool == "" || len(targets) == 1 {
		return targets, nil
	}
	for i, s := range targets {
		if s.tools.Load().has(tool) {
			targets[0], targets[i] = s, targets[0]
			break
		}
	}
	return targets, nil
}

// settled reports whether robots can be served: with Official, after the handshake.
func settled(f Family, targets []*socket) bool {
	for _, s := range targets {
		if f == Relay || s.tools.Load() != nil {
			return true
		}
	}
	return false
}
