package broker

import (
	"context"
	"errors"
	"time"

	"xiaozhi-switchboard/core/rpc"
)

// exchange sends a request on s and waits for its result.
func (r *Robot) exchange(ctx context.Context, s *socket, method string, params []byte) ([]byte, error) {
	id := r.takeID(s)
	buf := takeBuffer()
	if r.broker.opts.Family == Official {
		*buf = appendRequest(*buf, id, method, params)
	} else {
		*buf = rpc.AppendRawRequest(*buf, []byte(id), method, params)
	}
	got, err := r.await(ctx, s, id, buf, pending{step: stepOf(method)})
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		cancelled := takeBuffer()
		*cancelled = append(append(*cancelled, `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":`...), id...)
		*cancelled = append(*cancelled, `,"reason":"cancelled by the robot"}}`...)
		s.postText(cancelled)
	}
	return got.result, err
}

// Raw sends a text frame of any content, as it is, to the oldest socket. For a
// request it returns the whole answer; for a frame that is no message at all, the
// answer with a null id; for anything else nil at once. Ids are not rewritten, so
// they must not be those of requests in flight.
func (r *Robot) Raw(ctx context.Context, frame []byte) ([]byte, error) {
	targets, err := r.targets(ctx, "")
	if err != nil {
		return nil, err
	}
	s := targets[0]
	m, err := rpc.Parse(frame)
	id := string(m.ID)
	if id == "" && err != nil {
		id = "null"
	}
	buf := takeBuffer()
	*buf = append(*buf, frame...)
	if id == "" || err == nil && m.Kind == rpc.KindResponse {
		if !s.postText(buf) {
			return nil, ErrGone
		}
		return nil, nil
	}
	got, err := r.await(ctx, s, id, buf, pending{whole: true})
	return got.frame, err
}

// await posts buf and waits for the answer to id.
func (r *Robot) await(ctx context.Context, s *socket, id string, buf *[]byte, want pending) (answer, error) {
	b := r.broker
	p, _ := b.waiters.Get().(*pending)
	if p == nil {
		p = &pending{answer: make(chan answer, 1), timer: time.NewTimer(b.opts.CallTimeout)}
	} else {
		p.timer.Reset(b.opts.CallTimeout)
	}
	p.step, p.whole, p.asker, p.due = want.step, want.whole, r, time.Time{}
	if err := s.ask(id, p); err != nil {
		giveBuffer(buf)
		p.timer.Stop()
		b.waiters.Put(p)
		return answer{}, err
	}
	s.postText(buf) // if the socket takes nothing any more, its end answers

	var got answer
	var err error
	select {
	case got = <-p.answer:
		err = got.err
	case <-p.timer.C:
		err = ErrTimeout
	case <-ctx.Done():
		err = ctx.Err()
	}
	if (err == ErrTimeout || ctx.Err() != nil && err == ctx.Err()) && !s.forget(id, p) {
		got = <-p.answer // it came in the same moment
		err = got.err
	}
	p.timer.Stop()
	p.asker = nil
	b.waiters.Put(p)
	return got, err
}
