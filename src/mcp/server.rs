//! What a client can ask: the three tools and the handshakes of both eras. Everything else is told that it is
//! not there.

use std::sync::{Arc, Mutex};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams, CompleteResult, CustomRequest,
    CustomResult, ErrorCode, ErrorData, Implementation, InitializeRequestParams, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListToolsResult, MetaObject, PaginatedRequestParams,
    ServerCapabilities, ServerConfig, Tool as Listed,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use serde_json::json;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::Session;
use super::call::{self, Ask};
use super::host::Shared;
use super::locked::locked;
use super::tools::{title_of, tool_from_name};
use crate::base::Shown;
use crate::call::CallError;

/// Calls of one connection that may run at once.
const CALLS_OF_ONE: usize = 512;
/// Longest name or version of a client that is passed on, in characters.
const MAX_NAME: usize = 128;
/// Where 2026-07-28 wants the server to name itself.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// The server of one connection.
pub(super) struct Server {
    shared: Arc<Shared>,
    session: Box<dyn Session>,
    calls: Semaphore,
    introduced: Mutex<Option<(String, String)>>,
    /// Cancelled when the client is gone.
    gone: CancellationToken,
}

impl Server {
    pub(super) fn new(shared: Arc<Shared>, session: Box<dyn Session>, gone: CancellationToken) -> Self {
        Self { shared, session, calls: Semaphore::new(CALLS_OF_ONE), introduced: Mutex::new(None), gone }
    }

    /// Passes on who the client says it is, whenever that changes: 2026-07-28 tells it with every request.
    fn introduce(&self, client: Option<Implementation>) {
        let Some(client) = client else { return };
        let short = |text: String| text.chars().take(MAX_NAME).collect::<String>();
        let now = (short(client.name), short(client.version));
        let mut before = locked(&self.introduced);
        if before.as_ref() != Some(&now) {
            self.session.introduce(&now.0, &now.1);
            *before = Some(now);
        }
    }
}

fn this_server() -> Implementation {
    Implementation::new("countersign", env!("CARGO_PKG_VERSION"))
        .with_title("Countersign")
        .with_description("AWS for agents, with a human who countersigns every dangerous call")
}

fn absent<T>(method: &'static str) -> Result<T, ErrorData> {
    Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, method, None))
}

fn unknown_tool(name: &str, listed: &[Listed]) -> ErrorData {
    let short: String = name.chars().take(MAX_NAME).collect();
    let names: Vec<&str> = listed.iter().map(|tool| tool.name.as_ref()).collect();
    ErrorData::invalid_params(
        format!("Unknown tool: {}. The tools are {}", Shown::line(&short), names.join(", ")),
        Some(json!({"tools": names})),
    )
}

fn too_many(limit: usize) -> CallToolResponse {
    let error = CallError::new("TooManyCalls", format!("{limit} calls are running already; nothing was done"))
        .hint("wait until some of them are answered, then send this one again")
        .retryable();
    CallToolResult::structured_error(error.to_json()).into()
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(this_server())
            .with_instructions(self.shared.instructions.clone())
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        self.introduce(Some(request.client_info.clone()));
        context.peer.set_peer_info(request.clone());
        self.negotiate_initialize(&request)
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.introduce(context.client_info());
        if request.and_then(|page| page.cursor).is_some_and(|cursor| !cursor.is_empty()) {
            return Err(ErrorData::invalid_params("there is one page only; leave the cursor out", None));
        }
        let mut result = ListToolsResult::with_all_items(self.shared.tools.clone());
        let mut meta = MetaObject::new();
        meta.insert(SERVER_INFO.to_owned(), serde_json::to_value(this_server()).unwrap_or_default());
        result.meta = Some(meta);
        Ok(result)
    }

    fn get_tool(&self, name: &str) -> Option<Listed> {
        let title = title_of(tool_from_name(name)?);
        self.shared.tools.iter().find(|tool| tool.title.as_deref() == Some(title)).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = tool_from_name(&request.name) else {
            return Err(unknown_tool(&request.name, &self.shared.tools));
        };
        self.introduce(context.client_info());
        let Ok(_one_of_ours) = self.calls.try_acquire() else { return Ok(too_many(CALLS_OF_ONE)) };
        let Ok(_one_of_all) = self.shared.calls.try_acquire() else { return Ok(too_many(CALLS_OF_ONE)) };
        let ask = Ask { tool, arguments: request.arguments.unwrap_or_default() };
        Ok(match call::run(self.session.as_ref(), ask, &context, self.gone.child_token()).await {
            Ok(value) => CallToolResult::structured(value).into(),
            Err(error) => CallToolResult::structured_error(error.to_json()).into(),
        })
    }

    /// Requests of known methods whose parameters are malformed arrive here too.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        match request.method.as_str() {
            "tools/call" => Err(ErrorData::invalid_params(
                "tools/call needs params {name: text, arguments: object}",
                Some(json!({"tools": self.shared.tools.iter().map(|tool| &tool.name).collect::<Vec<_>>()})),
            )),
            "tools/list" | "server/discover" => {
                Err(ErrorData::invalid_params(format!("the params of {} are malformed", request.method), None))
            }
            other => {
                let short: String = other.chars().take(MAX_NAME).collect();
                Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, short, None))
            }
        }
    }

    async fn complete(
        &self,
        _: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        absent("completion/complete")
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        absent("prompts/list")
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        absent("resources/list")
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        absent("resources/templates/list")
    }
}
