package rehearsal

import (
	"context"
	"errors"
	"slices"

	"xiaozhi-switchboard/core/broker"
	"xiaozhi-switchboard/core/rpc"
	"xiaozhi-switchboard/core/secret"
)

// warnings are the remarks for what a cloud loses of a result.
var warnings = map[broker.Warning]Remark{
	broker.WarnTooLong:   {Code: CodeTooLong, Level: Doubtful},
	broker.WarnNoText:    {Code: CodeNoText, Level: Failed},
	broker.WarnNotText:   {Code: CodeNotText, Level: Doubtful},
	broker.WarnOnlyFirst: {Code: CodeOnlyFirst, Level: Doubtful},
	broker.WarnErrorLost: {Code: CodeErrorLost, Level: Doubtful},
	broker.WarnAction:    {Code: CodeAction, Level: Doubtful},
	broker.WarnMalformed: {Code: CodeMalformed, Level: Failed},
}

// call has the assistant call the tool, if it was told of it, and notes what it hears.
func (p *play) call(ctx context.Context, scene Scene, heard *Heard) Step {
	if !slices.ContainsFunc(p.offered, func(t broker.Tool) bool { return t.Name == scene.Tool }) {
		var step Step
		step.remark(Failed, Remark{Code: CodeNotOffered})
		return step
	}
	arguments := scene.Arguments
	if len(arguments) == 0 {
		arguments = []byte("{}")
	}
	result, err := p.far.Robot(agent).Call(ctx, scene.Tool, arguments)
	step := p.step(rpc.MethodToolsCall)
	step.Took = result.Took
	var refused *rpc.Error
	switch {
	case errors.Is(err, broker.ErrTimeout):
		step.remark(Failed, Remark{Code: CodeLate, Time: p.cloud.CallTime})
	case errors.As(err, &refused):
		*heard = Heard{Text: refused.Message, IsError: true}
		step.remark(Failed, Remark{Code: CodeRefused, Text: secret.Text(refused.Message)})
	case errors.Is(err, broker.ErrGone), errors.Is(err, broker.ErrNoToolSide):
		step.remark(Failed, p.farewell(ctx, CodeLarge))
	case err != nil:
		step.remark(Failed, Remark{Code: CodeNoAnswer, Time: p.cloud.CallTime})
	default:
		p.hear(&step, result, heard)
	}
	return step
}

// hear notes what the assistant hears of a result.
func (p *play) hear(step *Step, result broker.Result, heard *Heard) {
	*heard = Heard{Text: result.Text, IsError: result.IsError, Cut: result.Truncated}
	step.remark(Passed, Remark{Code: CodeAnswered, Time: p.cloud.CallTime})
	switch {
	case p.ownLimit > 0 && result.Took >= p.ownLimit:
		step.remark(Doubtful, Remark{Code: CodeOwnLimit, Time: p.ownLimit})
	case result.Took > p.cloud.CallTime*8/10:
		step.remark(Doubtful, Remark{Code: CodeClose, Time: p.cloud.CallTime})
	}
	if result.IsError {
		step.remark(Doubtful, Remark{Code: CodeToolError})
	}
	for _, w := range result.Warnings {
		r, known := warnings[w]
		if !known {
			r = Remark{Code: Code(w.String()), Level: Doubtful}
		}
		if w == broker.WarnTooLong {
			r.Count, r.Limit = len(result.Raw), p.cloud.ResultBytes
		}
		step.remark(r.Level, r)
	}
	if result.Text == "" {
		heard.Silence = CodeNoText
	}
}
