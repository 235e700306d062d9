//! Errors in XML, in the three envelopes AWS uses: `ErrorResponse/Error` (query, restXml),
//! `Error` (S3), and `Response/Errors/Error` (EC2). And the id of the request, which is in every envelope.

use aws_smithy_xml::codec::find_depth2_element_slice_by;
use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};

/// What every XML error says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct XmlError {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) region: Option<String>,
}

/// Reads the envelope; whatever is missing or malformed is left out.
pub(super) fn parse(body: &[u8]) -> XmlError {
    let mut error = XmlError::default();
    // A document may be cut off; what it was cut off in is not to be believed.
    let whole = body.iter().rposition(|byte| *byte == b'>').and_then(|end| body.get(..=end)).unwrap_or_default();
    if let Ok(mut document) = Document::try_from(whole)
        && let Ok(root) = document.root_element()
    {
        let is_error = root.start_el().local() == "Error";
        collect(root, is_error, &mut error);
    }
    error
}

fn collect(mut element: ScopedDecoder<'_, '_>, is_error: bool, error: &mut XmlError) {
    while let Some(mut child) = element.next_tag() {
        let name = child.start_el().local().to_owned();
        match name.as_str() {
            "Errors" => collect(child, false, error),
            "Error" => collect(child, true, error),
            "Code" if is_error => error.code = text(&mut child),
            "Message" | "message" if is_error => error.message = text(&mut child),
            "Region" if is_error => error.region = text(&mut child),
            "RequestId" | "RequestID" | "requestId" => error.request_id = text(&mut child),
            _ => {}
        }
    }
}

/// The id of the request in an answer that is a success: `requestId` (EC2), `ResponseMetadata/RequestId` (query).
pub(super) fn request_id(body: &[u8]) -> Option<String> {
    let mut document = Document::try_from(body).ok()?;
    let mut root = document.root_element().ok()?;
    while let Some(mut child) = root.next_tag() {
        match child.start_el().local() {
            "requestId" | "RequestId" => return text(&mut child),
            "ResponseMetadata" => {
                while let Some(mut inner) = child.next_tag() {
                    if inner.start_el().local() == "RequestId" {
                        return text(&mut inner);
                    }
                }
            }
            _ => {}
        }
    }
    None
}

fn text(element: &mut ScopedDecoder<'_, '_>) -> Option<String> {
    try_data(element).ok().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The `Error` element of an EC2 error, tags included.
pub(super) fn ec2_error_element(body: &[u8]) -> Option<&[u8]> {
    find_depth2_element_slice_by(find_depth2_element_slice_by(body, |name| name == "Errors")?, |name| name == "Error")
}
