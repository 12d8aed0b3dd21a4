package sandbox

import (
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// getTemplate answers a stack's template. Without macros the original is the processed one too.
func getTemplate(r *region, in *cloudformation.GetTemplateInput) (*cloudformation.GetTemplateOutput, error) {
	if in.StackName == nil {
		return nil, refuse("ValidationError", "Either StackName or ChangeSetName must be specified")
	}
	s, err := r.stackNamed(in.StackName)
	if err != nil {
		return nil, err
	}
	return &cloudformation.GetTemplateOutput{
		TemplateBody: &s.body, StagesAvailable: []types.TemplateStage{types.TemplateStageOriginal, types.TemplateStageProcessed},
	}, nil
}
