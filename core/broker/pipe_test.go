package broker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func connected(t *testing.T) (near, far net.Conn) {
	t.Helper()
	network := NewPipeNetwork()
	l, err := network.Listen("")
	if err != nil {
		t.Fatal(err)
	}
	near, err = network.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if near.RemoteAddr() != far.LocalAddr() || near.LocalAddr() != far.RemoteAddr() {
		t.Errorf("addresses differ: %v %v, %v %v", near.LocalAddr(), near.RemoteAddr(), far.LocalAddr(), far.RemoteAddr())
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

func TestPipeCarriesBytesBothWays(t *testing.T) {
	near, far := connected(t)
	sent := bytes.Repeat([]byte("0123456789"), 100_000) // far more than the buffer
	go func() {
		_, _ = near.Write(sent)
		_ = near.Close()
	}()
	if got, err := io.ReadAll(far); err != nil || !bytes.Equal(got, sent) {
		t.Errorf("%d bytes of %d, %v", len(got), len(sent), err)
	}
	if _, err := far.Write([]byte("x")); err == nil {
		t.Error("a write to a closed peer succeeded")
	}
	if _, err := near.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
	if err := near.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
}

func TestPipeResets(t *testing.T) {
	near, far := connected(t)
	_, _ = far.Write([]byte("arrived"))
	reset(far)
	if n, err := near.Read(make([]byte, 9)); n != 7 || err != nil {
		t.Errorf("read of what had arrived: %d, %v", n, err)
	}
	if _, err := near.Read(make([]byte, 9)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read after a reset: %v", err)
	}

	near, far = connected(t)
	_, _ = near.Write([]byte("never read"))
	_ = far.Close() // with unread data, as TCP does
	if _, err := near.Read(make([]byte, 9)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("read after a close with unread data: %v", err)
	}
}

func TestPipeDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := connected(t)
		began := time.Now()
		_ = near.SetReadDeadline(began.Add(3 * time.Second))
		_, err := near.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(began) != 3*time.Second {
			t.Errorf("read: %v after %v", err, time.Since(began))
		}
		_ = near.SetReadDeadline(time.Time{})
		go func() {
			time.Sleep(time.Second)
			_ = near.SetReadDeadline(time.Now()) // wakes a blocked reader
		}()
		if _, err = near.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("woken read: %v", err)
		}
		_ = far.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := far.Write(make([]byte, 2*pipeBuffer)); n != pipeBuffer || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("write to nobody: %d, %v", n, err)
		}
	})
}

func TestPipeListener(t *testing.T) {
	network := NewPipeNetwork()
	if _, err := network.DialContext(t.Context(), "tcp", "a:1"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial nobody: %v", err)
	}
	l, _ := network.Listen("a:1")
	if _, err := network.Listen("a:1"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("listen twice: %v", err)
	}
	waiting, err := network.DialContext(t.Context(), "tcp", "a:1")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("never accepted: %v", err)
	}
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: %v", err)
	}
	if _, err := network.Listen("a:1"); err != nil {
		t.Errorf("listen again: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := network.DialContext(ctx, "tcp", "a:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled dial: %v", err)
	}
}
