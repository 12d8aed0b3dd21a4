package lambda

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"deckhand/aws"
	"deckhand/commands"
	"deckhand/commands/spelling"
)

// Code is the flags that say where code comes from.
type Code struct {
	Zip       string   `flag:"zip" value:"s3://BUCKET/KEY" help:"Deployment package in S3."`
	S3Bucket  string   `flag:"s3-bucket" value:"BUCKET" help:"The same, as the AWS CLI writes it."`
	S3Key     string   `flag:"s3-key" value:"KEY" help:"Key of the package in the bucket."`
	S3Version string   `flag:"s3-object-version" value:"ID" help:"Version of the package, where the bucket keeps them."`
	Image     string   `flag:"image" alias:"image-uri" value:"URI" help:"Container image in ECR, best with its digest."`
	CodeSpec  []string `flag:"code" raw:"" value:"S3Bucket=B,S3Key=K" help:"The same, in the AWS CLI's shorthand."`
	Example   string   `flag:"example" enum:"counter" value:"NAME" help:"An example that comes with deckhand: a function that counts."`
	Publish   bool     `flag:"publish" help:"Make it a version too."`
	ZipFile   string   `flag:"zip-file" value:"FILE" unlisted:"" help:"Not taken: deckhand cannot read your machine's files."`
}

// Settings is the flags for how a function runs.
type Settings struct {
	Role          string   `flag:"role" value:"ROLE" help:"Execution role by name or ARN; one with the least rights is made where none is named."`
	Handler       string   `flag:"handler" value:"FILE.FUNCTION" help:"What Lambda calls: index.lambda_handler."`
	Runtime       string   `flag:"runtime" value:"RUNTIME" help:"Such as python3.13 or nodejs24.x."`
	Timeout       int      `flag:"timeout" value:"SECONDS" help:"Longest run in seconds, 1 to 900; AWS's own default is 3."`
	MemorySize    int      `flag:"memory-size" alias:"memory" value:"MB" help:"Memory in MB, 128 to 10240; AWS's own default is 128."`
	Description   string   `flag:"description" value:"TEXT" help:"What it is for."`
	Environment   []string `flag:"environment" raw:"" value:"KEY=VALUE" help:"Environment variables. The line is seen by everybody: name a secret, never give it."`
	Layers        []string `flag:"layers" alias:"layer" value:"ARN" help:"Versions of layers that lie under the code; those that are named are all."`
	VPC           string   `flag:"vpc-config" value:"SubnetIds=A,B,SecurityGroupIds=C" help:"Subnets and security groups that it runs in; SubnetIds=[],SecurityGroupIds=[] for none."`
	Tracing       string   `flag:"tracing-config" alias:"tracing" value:"Mode=Active" help:"Whether X-Ray traces calls: Active or PassThrough."`
	Storage       string   `flag:"ephemeral-storage" value:"Size=MB" help:"Size of /tmp, 512 to 10240 MB."`
	Architectures []string `flag:"architectures" alias:"architecture" value:"ARCH" help:"x86_64 or arm64."`
}

var (
	imageURI = regexp.MustCompile(`^\d{12}\.dkr[.-]ecr[a-z0-9.-]*\.[a-z0-9-]+\.(amazonaws\.com(\.cn)?|on\.aws)/\S+$`)
	variable = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]+$`)
	nextPair = regexp.MustCompile(`,\s*[a-zA-Z][a-zA-Z0-9_]+=`)
	aRoleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`)
)

// isRole tells whether a text can be the name of a role.
func isRole(text string) bool {
	const characters = spelling.Alphanumeric + "_+=,.@-"
	return spelling.Fits(text, 64, characters, characters)
}

// source answers where the code is; the example's archive is not made here. given tells whether the line names any.
func (c Code) source() (code aws.FunctionCode, given bool, wrong commands.Problems) {
	bucket, key, image := c.S3Bucket, c.S3Key, c.Image
	code.S3ObjectVer = c.S3Version
	for _, raw := range c.CodeSpec {
		spec, err := commands.ParseShorthand(raw)
		if err != nil {
			wrong.Add(commands.Words(err))
			continue
		}
		if file := strings.Join(spec["ZipFile"], ","); file != "" {
			c.ZipFile = file
		}
		for name, into := range map[string]*string{"S3Bucket": &bucket, "S3Key": &key, "ImageUri": &image, "S3ObjectVersion": &code.S3ObjectVer} {
			if value := strings.Join(spec[name], ","); value != "" {
				*into = value
			}
		}
	}
	if c.Zip != "" {
		address, inS3 := strings.CutPrefix(c.Zip, "s3://")
		if name, object, _ := strings.Cut(address, "/"); inS3 && isBucket(name) && object != "" {
			bucket, key = name, object
		} else {
			wrong.Add(commands.Misuse(commands.Mono(c.Zip)+" is no place in S3.", "It looks like "+commands.Mono("s3://bucket/key.zip")+"."))
		}
	}
	if c.ZipFile != "" {
		wrong.Add(commands.Misuse("deckhand cannot read "+commands.Mono(c.ZipFile)+": the file is on your machine.",
			"Copy it to S3 and name it with "+commands.Mono("--zip s3://bucket/key.zip")+", or take "+commands.Mono("--example counter")+"."))
	}
	if image != "" && !imageURI.MatchString(image) {
		wrong.Add(commands.Misuse(commands.Mono(image)+" is not the address of an image in ECR.",
			"It looks like "+commands.Mono("123456789012.dkr.ecr.us-east-1.amazonaws.com/app@sha256:...")+"."))
	}
	if (bucket == "") != (key == "") {
		wrong.Add(commands.Misuse("A package in S3 needs both --s3-bucket and --s3-key.", ""))
	}
	ways := 0
	for _, way := range []bool{bucket != "" || c.Zip != "", image != "", c.Example != "", c.ZipFile != ""} {
		if way {
			ways++
		}
	}
	if ways > 1 {
		wrong.Add(commands.Misuse("The line names code in more than one way.", "Give one of --zip, --image and --example."))
	}
	code.S3Bucket, code.S3Key, code.ImageURI = bucket, key, image
	return code, ways > 0, wrong
}

// check refuses settings that AWS would refuse. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
func (s Settings) check() commands.Problems {
	var wrong commands.Problems
	if s.Timeout < 0 || s.Timeout > 900 {
		wrong.Add(commands.Misuse(fmt.Sprintf("--timeout %d is out of range.", s.Timeout), "It may be 1 to 900 seconds."))
	}
	if s.MemorySize != 0 && (s.MemorySize < 128 || s.MemorySize > 10240) {
		wrong.Add(commands.Misuse(fmt.Sprintf("--memory-size %d is out of range.", s.MemorySize), "It may be 128 to 10240 MB."))
	}
	for _, a := range s.Architectures {
		if a != "x86_64" && a != "arm64" {
			wrong.Add(commands.Misuse(commands.Mono(a)+" is no architecture of Lambda.", "It is x86_64 or arm64."))
		}
	}
	if len(s.Architectures) > 1 {
		wrong.Add(commands.Misuse("A function has one architecture.", "Say x86_64 or arm64."))
	}
	if s.Role != "" && !isRole(s.Role) && !aRoleARN.MatchString(s.Role) {
		wrong.Add(commands.Misuse(commands.Mono(s.Role)+" is no role.", "Give a role's name, or its ARN such as "+commands.Mono("arn:aws:iam::123456789012:role/lambda")+"."))
	}
	_, refusal := judgeRuntime(s.Runtime, tableDate())
	wrong.Add(refusal)
	if err := s.around(&aws.FunctionSettings{}); err != nil {
		wrong.Add(commands.Words(err))
	}
	_, err := readEnvironment(s.Environment)
	if err != nil {
		wrong.Add(commands.Words(err))
	}
	return wrong
}

// around reads what stands around the code: layers, network, tracing and storage. Errors are of kind Usage.
func (s Settings) around(into *aws.FunctionSettings) error {
	for _, layer := range s.Layers {
		if !strings.HasPrefix(layer, "arn:") || strings.Count(layer, ":") != 7 { //nolint:mnd // arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION
			return commands.Misuse(commands.Mono(layer)+" is not the ARN of a layer's version.", "It looks like "+commands.Mono("arn:aws:lambda:us-east-1:123456789012:layer:tools:3")+".")
		}
	}
	into.Layers = s.Layers
	if s.VPC != "" {
		spec, err := commands.ParseShorthand(s.VPC)
		if err != nil {
			return err
		}
		into.Subnets, into.Groups = ids(spec["SubnetIds"]), ids(spec["SecurityGroupIds"])
		if (len(into.Subnets) == 0) != (len(into.Groups) == 0) || len(spec) == 0 {
			return commands.Misuse("A VPC needs subnets and security groups.", "Write "+commands.Mono("--vpc-config SubnetIds=subnet-1,subnet-2,SecurityGroupIds=sg-1")+".")
		}
	}
	for prefix, list := range map[string][]string{"subnet-": into.Subnets, "sg-": into.Groups} {
		for _, id := range list {
			if !strings.HasPrefix(id, prefix) {
				return commands.Misuse("--vpc-config takes ids alone, and "+commands.Mono(id)+" does not begin with "+commands.Mono(prefix)+".", commands.Mono("net subnet list")+" and "+commands.Mono("net sg list")+" show them.")
			}
		}
	}
	into.Tracing = strings.TrimPrefix(s.Tracing, "Mode=")
	if into.Tracing != "" && into.Tracing != "Active" && into.Tracing != "PassThrough" {
		return commands.Misuse("--tracing-config is "+commands.Mono("Mode=Active")+" or "+commands.Mono("Mode=PassThrough")+".", "")
	}
	if s.Storage != "" {
		size, err := strconv.Atoi(strings.TrimPrefix(s.Storage, "Size="))
		if err != nil || size < 512 || size > 10240 {
			return commands.Misuse("--ephemeral-storage is 512 to 10240 MB.", "Write "+commands.Mono("--ephemeral-storage Size=1024")+".")
		}
		into.StorageMB = size
	}
	return nil
}

// ids are those of a list that is not empty; the empty list is not nil.
func ids(list []string) []string {
	return slices.DeleteFunc(append([]string{}, list...), func(id string) bool { return id == "" })
}

// readEnvironment reads KEY=VALUE, several joined by commas, and the AWS CLI's own forms: Variables={A=1,B=2} and its JSON. A comma inside a
// value is read as part of it. Errors are of kind Usage.
func readEnvironment(words []string) (map[string]string, error) {
	if len(words) == 0 {
		return nil, nil
	}
	all := map[string]string{}
	for _, word := range words {
		some, err := readVariables(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		maps.Copy(all, some)
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if !variable.MatchString(name) {
			return nil, commands.Misuse(commands.Mono(name)+" is no name of an environment variable.", "Names begin with a letter and have letters, digits and underscores, at least two.")
		}
	}
	return all, nil
}

func readVariables(text string) (map[string]string, error) {
	if strings.HasPrefix(text, "{") {
		var document struct{ Variables map[string]string }
		if json.Unmarshal([]byte(text), &document) == nil && document.Variables != nil {
			return document.Variables, nil
		}
		return nil, commands.Misuse("--environment holds JSON that is not "+commands.Mono(`{"Variables":{"KEY":"VALUE"}}`)+".", "Write "+commands.Mono("--environment KEY=VALUE")+".")
	}
	if inner, ok := strings.CutPrefix(text, "Variables={"); ok {
		text = strings.TrimSuffix(inner, "}")
	}
	out := map[string]string{}
	for text != "" {
		pair := text
		text = ""
		if at := nextPair.FindStringIndex(pair); at != nil {
			text = strings.TrimSpace(pair[at[0]+1:])
			pair = pair[:at[0]]
		}
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, commands.Misuse("--environment wants KEY=VALUE.", "") // the words themselves may be a secret
		}
		out[strings.TrimSpace(key)] = value
	}
	return out, nil
}
