package sdk_test

import (
	"testing"

	"deckhand/aws"
	"deckhand/aws/sandbox"
	"deckhand/aws/sdk"
)

// A service that does not know the token would say of the second asking that the stack exists, or is being changed.
func TestALostAnswerAboutAStackIsLookedForBeforeItIsAskedForAgain(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.LoseAnswer("CreateStack", 1)
		_, err := c.CreateStack(t.Context(), here, aws.NewStack{Name: "shop", Template: "Resources: {}", Token: "t"})
		wantError(t, err, "uncertain", "CreateStack")
		w.LoseAnswer("UpdateStack", 1)
		_, err = c.UpdateStack(t.Context(), here, aws.StackChange{Stack: "shop", Token: "u"})
		wantError(t, err, "uncertain", "UpdateStack")
		if made, changed := count(w, "CreateStack"), count(w, "UpdateStack"); made != 1 || changed != 1 {
			t.Errorf("asked %d and %d times", made, changed)
		}
	})
}

func TestAStackThatIsNotShownYetIsNotTakenForOneThatIsGone(t *testing.T) {
	play(t, func(t *testing.T, w *sandbox.World, c *sdk.Cloud) {
		w.Fail("DescribeStacks", "StackNotFoundException", 2)
		id, err := c.CreateStack(t.Context(), here, aws.NewStack{Name: "shop", Template: "Resources: {Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x}}}", Token: "t"})
		must(t, err)
		seen, err := c.WaitForStack(t.Context(), here, id, func(aws.Stack) {})
		must(t, err)
		if seen.Name != "shop" || seen.Status != "CREATE_COMPLETE" {
			t.Errorf("%q is %s", seen.Name, seen.Status)
		}
	})
}
