"""deckhand example: counter

Adds one to a count in DynamoDB each time it is invoked, whoever invokes it, and answers the new count.
"""

import os

import boto3

tables = boto3.client("dynamodb")


def lambda_handler(event, context):
    # ADD is one step inside DynamoDB, so two invocations at the same time count two.
    answer = tables.update_item(
        TableName=os.environ["COUNT_TABLE"],
        Key={"id": {"S": "count"}},
        UpdateExpression="ADD hits :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    print("Count updated!")
    return {"statusCode": 200, "body": answer["Attributes"]["hits"]["N"]}
