package net

import (
	"context"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/commandstest"
)

// made keeps the VPCs that it is asked for.
type made struct{ *fixed }

func (m made) CreateVPC(_ context.Context, _ aws.Target, v aws.VPC) (aws.VPC, error) {
	v.ID = "vpc-new"
	m.n.VPCs = append(m.n.VPCs, v)
	return v, nil
}

func TestARequestOfTheSameNumberElsewhereMadeSomethingElse(t *testing.T) {
	t.Parallel()
	m := made{lab()}
	m.n.VPCs[0].Tags = map[string]string{commands.RequestTag: "R-1", commands.TokenTag: "deckhand-theirs-R-1"}
	group := Commands(m, nil, nil)
	run := func() *commands.Run { return &commands.Run{ID: "R-1", Token: "deckhand-ours-R-1"} }
	line := "net vpc create --name shop --cidr-block 10.7.0.0/16"
	told, err := commandstest.Check(t.Context(), t, group, run(), line)
	commandstest.Want(t, commandstest.Told(told, err), "was not made")
	for _, id := range []string{"vpc-new", "vpc-new"} { // the second finds what the first made
		told, err := commandstest.Run(t.Context(), t, group, run(), line+" --overlap")
		commandstest.Want(t, commandstest.Told(told, err), "Made the VPC shop", "net vpc delete "+id)
	}
	if len(m.n.VPCs) != 2 {
		t.Errorf("there are %d VPCs", len(m.n.VPCs))
	}
}
