package broker

import (
	"crypto/rand"
	"errors"
	"fmt"

	"xiaozhi-switchboard/core/rpc"
)

// maxRobotRequests bounds what one robot may have in flight.
const maxRobotRequests = 4096

// What the relay answers a robot whose request cannot reach the tool side.
var (
	errNotConnected = &rpc.Error{Code: -32001, Message: "工具端未连接"} // there is none
	errNotForwarded = &rpc.Error{Code: -32002, Message: "转发消息失败"} // it is just going away
)

func newUUID() string {
	var u [16]byte
	_, _ = rand.Read(u[:]) // never fails
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// routedID is the id under which the relay sends a robot's request on: the robot's
// uuid, n or s for number or string, and the id. Ids that Python takes for false
// stay as they are, and so their answers find no way back.
func routedID(uuid string, raw []byte) (id string, returns bool) {
	switch {
	case string(raw) == "0", string(raw) == "null", string(raw) == `""`, string(raw) == "false":
		return string(raw), false
	case raw[0] == '"':
		return string(rpc.AppendString(nil, uuid+"_s_"+text(raw))), true
	case raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9':
		return `"` + uuid + "_n_" + string(raw) + `"`, true
	}
	return string(rpc.AppendString(nil, uuid+"_s_"+string(raw))), true
}

// passOn forwards what a robot on the call path sent to the registered tool side.
func (b *Broker) passOn(robot *socket, m rpc.Message, err error) {
	if err != nil || m.Kind == rpc.KindResponse {
		return // the relay logs it and that is all
	}
	targets := b.reachable(robot.agent)
	if len(targets) == 0 {
		robot.answerError(m, errNotConnected)
		return
	}
	buf := takeBuffer()
	if m.Kind == rpc.KindNotification {
		*buf = rpc.AppendNotification(*buf, m.Method, m.Params)
		targets[0].postText(buf)
		return
	}
	id, returns := routedID(robot.uuid, m.ID)
	*buf = rpc.AppendRawRequest(*buf, []byte(id), m.Method, m.Params)
	if returns {
		p := &pending{step: stepOf(m.Method), robot: robot, robotID: append([]byte(nil), m.ID...)}
		if !robot.mayAsk() {
			giveBuffer(buf)
			robot.answerError(m, &rpc.Error{Code: rpc.CodeBusy, Message: "too many requests in flight"})
			return
		}
		if err := targets[0].ask(id, p); err != nil {
			robot.asked.Add(-1)
			giveBuffer(buf)
			no := errNotForwarded
			if !errors.Is(err, ErrGone) {
				no = &rpc.Error{Code: rpc.CodeBusy, Message: err.Error()}
			}
			robot.answerError(m, no)
			return
		}
	}
	targets[0].postText(buf)
}

// mayAsk counts one more request of a robot, if it may have one more.
func (s *socket) mayAsk() bool {
	if s.asked.Add(1) > maxRobotRequests {
		s.asked.Add(-1)
		return false
	}
	return true
}

// answerError answers a robot's request; notifications get nothing.
func (s *socket) answerError(m rpc.Message, e *rpc.Error) {
	if m.Kind != rpc.KindRequest {
		return
	}
	buf := takeBuffer()
	*buf = rpc.AppendErrorResponse(*buf, m.ID, e)
	s.postText(buf)
}

// passBack hands an answer to the robot that asked, under its own id.
func (b *Broker) passBack(p *pending, m rpc.Message) {
	p.robot.asked.Add(-1)
	buf := takeBuffer()
	if m.Error != nil {
		*buf = append(*buf, `{"jsonrpc":"2.0","id":`...)
		*buf = append(*buf, p.robotID...)
		*buf = append(*buf, `,"error":`...)
		*buf = append(append(*buf, m.Error...), '}')
	} else {
		*buf = rpc.AppendResult(*buf, p.robotID, m.Result)
	}
	p.robot.postText(buf)
}
