package broker

import "net"

// reset ends conn without a farewell: the peer's next read fails at once.
func reset(conn net.Conn) {
	for {
		under, wrapped := conn.(interface{ NetConn() net.Conn })
		if !wrapped {
			break
		}
		conn = under.NetConn()
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
