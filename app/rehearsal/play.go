package rehearsal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// agent is whose device plays.
const agent = "rehearsal"

// play is one rehearsal that is going on.
type play struct {
	cloud    Cloud
	ownLimit time.Duration
	far      *broker.Broker
	links    *endpoint.Manager
	tape     tape
	offered  []broker.Tool
}

// play sets the stage, plays a scene, and clears up.
func (r *Rehearser) play(ctx context.Context, cloud Cloud, scene Scene) (Report, error) {
	began := time.Now()
	l, dial, err := r.opts.stage()
	if err != nil {
		return Report{}, err
	}
	p := &play{cloud: cloud}
	if r.opts.OwnLimit != nil {
		p.ownLimit = r.opts.OwnLimit()
	}
	p.far = broker.New(&broker.Options{Family: cloud.Family, CallTimeout: cloud.CallTime, MaxResultBytes: cloud.ResultBytes,
		MaxFrameBytes: cloud.FrameBytes, KeepRegistration: true, Observe: p.tape.record})
	defer p.far.Close()
	go p.far.Serve(l) // ends with Close, which waits for it
	p.links = endpoint.NewManager(r.opts.Tools(scene.Endpoint), &endpoint.Options{HealthCheckInterval: -1, MaxReconnectAttempts: 1,
		FailedRetryInterval: -1, ServerVersion: r.opts.Version, DialContext: dial})
	defer p.links.Close()

	report := Report{Cloud: cloud, Tool: scene.Tool}
	shaking, stop := context.WithTimeout(ctx, r.opts.handshakeTime)
	defer stop()
	acts := []struct {
		name string
		play func() Step
	}{
		{"connect", func() Step { return p.connect(shaking, "ws://"+l.Addr().String(), r.opts.handshakeTime) }},
		{"initialize", func() Step { return p.initialize(shaking, r.opts.handshakeTime) }},
		{"list", func() Step { return p.list(shaking, r.opts.handshakeTime) }},
		{"call", func() Step { return p.call(ctx, scene, &report.Heard) }},
	}
	for i, act := range acts {
		step := Step{Level: Skipped}
		if i == 0 || report.Steps[i-1].Level < Failed {
			step = act.play()
		}
		step.Name = act.name
		report.Steps = append(report.Steps, step)
		if step.Level == Failed && report.Heard.Silence == "" && report.Heard.Text == "" {
			report.Heard.Silence = step.Remarks[len(step.Remarks)-1].Code
		}
	}
	report.Took = time.Since(began)
	return report, ctx.Err()
}

// connect opens the link.
func (p *play) connect(ctx context.Context, base string, limit time.Duration) (step Step) {
	began := time.Now()
	defer func() { step.Took = time.Since(began) }()
	id, err := p.links.AddEndpoint(endpoint.Endpoint{URL: secret.URL(p.far.URL(base, agent)), Name: agent, Role: endpoint.RoleServe})
	if err == nil {
		err = p.links.Connect()
	}
	if err == nil {
		err = p.far.Wait(ctx, func() bool {
			open, _ := p.far.Open()
			return open > 0 || p.left() != nil
		})
	}
	if err != nil {
		text := secret.Text(err.Error())
		if s, known := p.links.StatusOf(id); known == nil && s.LastError != "" {
			text = s.LastError
		}
		step.remark(Failed, Remark{Code: CodeUnreachable, Text: text, Time: limit})
		return step
	}
	step.remark(Passed, Remark{Code: CodeConnected})
	return step
}

// initialize shakes hands. An official cloud does so by itself.
func (p *play) initialize(ctx context.Context, limit time.Duration) Step {
	if p.cloud.Family == broker.Relay {
		return p.asked(ctx, p.far.Robot(agent).Initialize(ctx), rpc.MethodInitialize, CodeGreeted, limit)
	}
	err := p.far.Wait(ctx, func() bool {
		return slices.ContainsFunc(p.far.Sockets(agent), func(s broker.Socket) bool { return s.Initialized }) || p.answered(rpc.MethodInitialize) || p.left() != nil
	})
	return p.asked(ctx, err, rpc.MethodInitialize, CodeGreeted, limit)
}

// answered reports whether there is an answer to a method, good or bad.
func (p *play) answered(method string) bool {
	return slices.ContainsFunc(p.tape.of(method), func(e exchange) bool { return !e.ended.IsZero() })
}

// list asks for the tools and looks at them.
func (p *play) list(ctx context.Context, limit time.Duration) Step {
	var err error
	if p.cloud.Family == broker.Relay {
		_, err = p.far.Robot(agent).Tools(ctx)
	} else {
		err = p.far.Wait(ctx, func() bool { return p.answered(rpc.MethodToolsList) || p.left() != nil })
	}
	step := p.asked(ctx, err, rpc.MethodToolsList, "", limit)
	if step.Level == Failed {
		return step
	}
	for _, e := range p.tape.of(rpc.MethodToolsList) {
		tools, err := broker.ParseTools(e.result)
		p.offered = append(p.offered, tools...)
		if err != nil {
			step.remark(Failed, Remark{Code: CodeBadList, Text: err.Error()})
			return step
		}
	}
	step.remark(Passed, Remark{Code: CodeListed, Count: len(p.offered)})
	for _, r := range p.look(p.offered) {
		step.remark(r.Level, r)
	}
	return step
}

// asked is the step of a request that the cloud made, with what is to be said when it was
// answered well; "" leaves that to the caller.
func (p *play) asked(ctx context.Context, err error, method string, well Code, limit time.Duration) Step {
	step := p.step(method)
	var last exchange
	if all := p.tape.of(method); len(all) > 0 {
		last = all[len(all)-1]
	}
	switch {
	case last.failure != nil:
		step.remark(Failed, Remark{Code: CodeRefused, Text: secret.Text(last.failure.Message)})
	case err == nil && !last.ended.IsZero():
		if well != "" {
			step.remark(Passed, Remark{Code: well})
		}
	case p.left() != nil || errors.Is(err, broker.ErrGone) || errors.Is(err, broker.ErrNoToolSide):
		step.remark(Failed, p.farewell(ctx, CodeLargeList))
	default:
		step.remark(Failed, Remark{Code: CodeNoAnswer, Time: limit})
	}
	return step
}

// step is what went over the socket for a method, as far as it went.
func (p *play) step(method string) (step Step) {
	for _, e := range p.tape.of(method) {
		if step.Sent == "" {
			step.Sent, step.Got = e.sent, e.got
		}
		step.SentBytes += e.sentBytes
		step.GotBytes += e.gotBytes
		if !e.ended.IsZero() {
			step.Took += e.ended.Sub(e.began)
		}
	}
	return step
}

// left is the socket that ended, if the link was closed.
func (p *play) left() *broker.Socket {
	if gone := p.far.Departed(agent); len(gone) > 0 {
		return &gone[0]
	}
	return nil
}

// farewellTime is how long the link may take to notice that it was closed.
const farewellTime = 2 * time.Second

// farewell says why the link was closed; tooLarge is the code for a message that the
// cloud does not read. The cloud ends a socket only after it said why.
func (p *play) farewell(ctx context.Context, tooLarge Code) Remark {
	ctx, stop := context.WithTimeout(ctx, farewellTime)
	defer stop()
	nudged, end := p.links.Subscribe()
	defer end()
	for {
		all := p.links.Status()
		if len(all) > 0 && !all[0].Connected() {
			if all[0].Code == websocket.CloseMessageTooBig {
				return Remark{Code: tooLarge, Limit: p.cloud.FrameBytes}
			}
			return Remark{Code: CodeClosed, Count: all[0].Code}
		}
		select {
		case <-nudged:
		case <-ctx.Done():
			return Remark{Code: CodeClosed}
		}
	}
}
