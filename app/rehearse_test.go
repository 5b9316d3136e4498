package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

func TestRehearsal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if err := rehearse(t.Context()); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := rehearse(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
