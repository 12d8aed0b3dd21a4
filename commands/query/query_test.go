package query

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"deckhand/aws"
	"deckhand/commands"
)

// answer is AWS's own answer with two reservations; i-3 is one that the list leaves out.
const answer = `{"Reservations":[
 {"ReservationId":"r-1","Groups":[],"Instances":[
  {"InstanceId":"i-1","State":{"Code":16,"Name":"running"},"EbsOptimized":false,"Tags":[{"Key":"Name","Value":"web"},{"Key":"env","Value":"dev"}]},
  {"InstanceId":"i-2","State":{"Code":80,"Name":"stopped"},"EbsOptimized":true,"PrivateIpAddress":"10.0.0.2"}]},
 {"ReservationId":"r-2","Groups":[],"Instances":[{"InstanceId":"i-3","State":{"Code":16,"Name":"running"}}]}]}`

func ask(t *testing.T, f Flags) (commands.Report, error) {
	t.Helper()
	return f.Report(t.Context(), Subject{"DescribeInstances", "InstanceId"}, func(ctx context.Context) (commands.Report, []string, error) {
		var page map[string]any
		if err := json.Unmarshal([]byte(answer), &page); err != nil {
			return commands.Report{}, nil, err
		}
		if answers := aws.AnswersOf(ctx); answers != nil {
			answers.Keep("DescribeInstances", page)
			answers.Keep("DescribeInstances", page) // asked twice, by name and by id
		}
		return commands.Report{Title: "2 instances", Body: commands.Blocks{commands.Text{Text: "ordinary"}}}, []string{"i-1", "i-2"}, nil
	})
}

func TestAnswersAreWhatTheAWSCLIWouldPrint(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"Reservations[].Instances[].[InstanceId,State.Name]":                         "i-1\trunning\ni-2\tstopped",
		"Reservations[*].Instances[*].InstanceId":                                    "i-1\ti-2",
		"Reservations[].Instances[].PrivateIpAddress":                                "10.0.0.2",
		"Reservations[].Instances[].{B:State.Code,A:InstanceId}":                     "i-1\t16\ni-2\t80",
		"Reservations[].Instances[?State.Name==`running`].InstanceId[]":              "i-1",
		"Reservations[].Instances[?State.Name=='stopped'].[InstanceId,EbsOptimized]": "i-2\tTrue",
		"Reservations[].Instances[?State.Code==`80`].[InstanceId][]":                 "i-2",
		"Reservations[].Instances[].[InstanceId,PrivateIpAddress]":                   "i-1\tNone\ni-2\t10.0.0.2",
		"Reservations[].Instances[].[InstanceId,Tags[?Key=='Name']|[0].Value]":       "i-1\tweb\ni-2\tNone",
		"length(Reservations[].Instances[])":                                         "2",
		"Reservations[0].Instances[0].Tags":                                          "Name\tweb\nenv\tdev",
		"Reservations[].Instances[?Tags][].{ID:InstanceId,Names:Tags[].Key}":         "i-1\nNAMES\tName\nNAMES\tenv",
		"Reservations[].Instances[?State.Name==‘stopped’].InstanceId[]":              "i-2",
		"Nothing":                            "None",
		"Reservations[].ReservationId | [0]": "r-1",
		"join(`,`, Reservations[].Instances[].InstanceId)":                                          "i-1,i-2",
		"sort_by(Reservations[].Instances[], &InstanceId)[-1].InstanceId":                           "i-2",
		"Reservations[].Instances[] | [?contains(InstanceId, `1`)].InstanceId | [0]":                "None", // the literal is a number
		"Reservations[].Instances[] | [?contains(InstanceId, '1')].InstanceId | [0]":                "i-1",
		"Reservations[].Instances[?Tags[?Key=='env' && Value=='dev']].InstanceId | [] | [0] || '-'": "i-1",
	} {
		report, err := ask(t, Flags{Query: query, Output: "text"})
		if err != nil {
			if !strings.Contains(query, "`1`") { // the library refuses it, as the AWS CLI does
				t.Errorf("%s: %v", query, err)
			}
			continue
		}
		if got := report.Body[0].(commands.Code).Text; got != want || report.Title != "2 instances" { //nolint:forcetypeassert // a panic is a failure
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	const ids = "Reservations[].Instances[].{ID:InstanceId,State:State.Name}"
	for name, c := range map[string]struct {
		flags Flags
		want  string
	}{
		"json is the default":       {Flags{Query: "Reservations[].Instances[].InstanceId"}, "[\n    \"i-1\",\n    \"i-2\"\n]"},
		"nothing is null":           {Flags{Query: "Nope"}, "null"},
		"a table of maps":           {Flags{Query: ids, Output: "table"}, "ID   State\ni-1  running\ni-2  stopped"},
		"a table of lists":          {Flags{Query: "Reservations[].Instances[].[InstanceId]", Output: "table"}, "1\ni-1\ni-2"},
		"too deep for a table":      {Flags{Query: "Reservations[].Instances[].{T:Tags}", Output: "table"}, `"Key": "Name"`},
		"all of it":                 {Flags{Output: "json"}, `"ReservationId": "r-1"`},
		"the ordinary table":        {Flags{Output: "table"}, "ordinary"},
		"no flag, the ordinary one": {Flags{}, "ordinary"},
		"text of all":               {Flags{Output: "text"}, "RESERVATIONS\tr-1\nINSTANCES\tFalse\ti-1\t\nSTATE\t16\trunning\nTAGS\tName\tweb"},
	} {
		report, err := ask(t, c.flags)
		if got := commands.RenderText(report); err != nil || !strings.Contains(got, c.want) {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	report, err := ask(t, Flags{Output: "json"})
	if text := commands.RenderText(report); err != nil || strings.Contains(text, "i-3") || strings.Contains(text, "r-2") || strings.Count(text, `"i-1"`) != 1 {
		t.Errorf("what the list leaves out is there, or something is there twice: %v\n%s", err, text)
	}
}

func TestABadExpressionIsAMistakeInTheLine(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"Reservations[":         "at character 14",
		"Reservations[].{a b}":  "at character ",
		"Reservations[?a=='b]":  "no JMESPath expression",
		"a.`not closed":         "no JMESPath expression",
		"€uros":                 "at character 1",
		"Reservations[].Inst..": "at character ",
	} {
		err := Flags{Query: query}.Err()
		if words := commands.Words(err); err == nil || words.Kind != commands.Usage || !strings.Contains(words.Message, want) {
			t.Errorf("%s: %v, want %q", query, err, want)
		}
	}
	for _, query := range []string{"nosuch(Reservations)", "length(`1`)", "abs('a')"} {
		if _, err := ask(t, Flags{Query: query}); err == nil || commands.Words(err).Kind != commands.Usage {
			t.Errorf("%s: %v", query, err)
		}
	}
}
