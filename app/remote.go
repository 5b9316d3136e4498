package app

import (
	"context"
	"errors"
	"fmt"

	"xiaozhi-switchboard/core/endpoint"
	"xiaozhi-switchboard/core/hub"
)

// takeOffers puts what endpoints in the call role offer into the catalogue, unless that is
// there already.
func (a *App) takeOffers() {
	if a.links.OffersRevision() == a.offers {
		return // the usual case: most nudges are about something else
	}
	list, revision := a.links.Offers()
	a.offers = revision
	remote := hub.Remote{Name: endpoint.RemoteGroup, Call: a.callRemote}
	for _, o := range list {
		remote.Sources = append(remote.Sources, hub.RemoteSource{ID: o.ID, Label: o.Label, Tools: o.Tools})
	}
	if len(remote.Sources) == 0 {
		a.hub.SetRemotes(nil)
		return
	}
	a.hub.SetRemotes([]hub.Remote{remote})
}

// callRemote makes a call over a link, and translates what is no answer.
func (a *App) callRemote(ctx context.Context, call hub.RemoteCall) ([]byte, error) {
	result, err := a.links.CallTool(ctx, endpoint.ToolCall{Name: call.Tool, Arguments: call.Args, Among: call.Among, Safe: call.Safe, Over: call.Over})
	switch {
	case errors.Is(err, endpoint.ErrNoSource):
		return nil, fmt.Errorf("%w: %w", hub.ErrAway, err)
	case errors.Is(err, endpoint.ErrLost):
		return nil, fmt.Errorf("%w: %w", hub.ErrLost, err)
	}
	return result, err
}
