//! Lambda (restJson1) against moto: a function with its code as a blob.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::support::moto::{self, fault, forget, output};

fn code() -> String {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    zip.start_file("handler.py", options).unwrap();
    zip.write_all(b"def handler(event, context):\n    return event\n").unwrap();
    STANDARD.encode(zip.finish().unwrap().into_inner())
}

#[tokio::test]
async fn functions_are_made_listed_and_deleted() {
    let Some(aws) = moto::client().await else { return };
    let role =
        json!({"RoleName": "runner", "AssumeRolePolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"});
    let role = output(&aws, "iam", "CreateRole", role).await["Role"]["Arn"].clone();
    let create = json!({
        "FunctionName": "echo", "Runtime": "python3.13", "Role": role, "Handler": "handler.handler",
        "Code": {"ZipFile": code()}, "Timeout": 3, "Environment": {"Variables": {"A": "1"}},
        "Tags": {"team": "x"}
    });
    let created = output(&aws, "lambda", "CreateFunction", create).await;
    assert_eq!(created["FunctionArn"], "arn:aws:lambda:us-east-1:123456789012:function:echo");
    assert_eq!(created["CodeSize"], STANDARD.decode(code()).unwrap().len());
    assert_eq!(created["Environment"], json!({"Variables": {"A": "1"}}));
    let names = |listed: &serde_json::Value| {
        let functions = listed["Functions"].as_array().cloned().unwrap_or_default();
        functions.iter().map(|function| function["FunctionName"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&output(&aws, "lambda", "ListFunctions", json!({"MaxItems": 50})).await), ["echo"]);
    let tags = json!({"Resource": created["FunctionArn"]});
    assert_eq!(output(&aws, "lambda", "ListTags", tags).await, json!({"Tags": {"team": "x"}}));
    let got = output(&aws, "lambda", "GetFunction", json!({"FunctionName": "echo"})).await;
    assert_eq!(forget(got["Code"].clone(), &["Location"]), json!({"RepositoryType": "S3", "Location": "*"}));
    assert_eq!(
        forget(output(&aws, "lambda", "DeleteFunction", json!({"FunctionName": "echo"})).await, &[]),
        json!({"StatusCode": 204})
    );
    assert_eq!(names(&output(&aws, "lambda", "ListFunctions", json!({})).await), Vec::<String>::new());
    assert_eq!(
        fault(&aws, "lambda", "GetFunction", json!({"FunctionName": "echo"})).await,
        json!({
            "code": "ResourceNotFoundException", "status": 404, "fault": "client", "attempts": 1, "detail": {},
            "message": "Function not found: arn:aws:lambda:us-east-1:123456789012:function:echo"
        })
    );
}
