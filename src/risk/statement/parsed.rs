//! The effect of SQL statements as `sqlparser` understands them. It parses on a stack of its own, and only what is
//! of a bounded size: hostile nesting must not overflow ours.

use std::{ops::ControlFlow, thread};

use sqlparser::{
    ast::{
        AlterTable, AlterTableOperation, CopyTarget, Expr, Insert, Merge, MergeAction, ObjectName, OnConflictAction,
        OnInsert, Query, Select, SetExpr, Statement, TableFactor, Visit, Visitor,
    },
    dialect::{Dialect, GenericDialect, HiveDialect, MySqlDialect, PostgreSqlDialect, RedshiftSqlDialect},
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};

use super::{
    Effect, Speech,
    keywords::{acting, running},
};
use crate::risk::RiskClass::{Destructive, Execute, Privilege, Read, Write};

/// Longest text that is parsed, in bytes, and most tokens: the tree may be as deep as half of these.
const LONGEST: usize = 1 << 18;
const MOST_TOKENS: usize = 8_000;

/// Most open brackets at a time.
const DEEPEST: usize = 64;

/// How deep the parser may call itself.
const RECURSION: usize = 48;

/// Bytes of the stack it parses on; a level takes up to 200 kB in a build without optimisation.
const STACK: usize = 32 << 20;

/// The worst effect of a text in every dialect that parses it; none where no dialect does, or where it holds
/// something of which nothing is known here.
pub(super) fn effect(text: &str, speech: Speech) -> Option<Effect> {
    if text.len() > LONGEST {
        return None;
    }
    thread::scope(|scope| {
        let parse = || dialects(speech).into_iter().map(|dialect| in_dialect(text, dialect)).fold(None, Effect::worst);
        thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse).ok()?.join().ok()?
    })
}

fn dialects(speech: Speech) -> Vec<&'static dyn Dialect> {
    match speech {
        Speech::PartiQl => vec![&GenericDialect {}],
        Speech::Redshift => vec![&RedshiftSqlDialect {}, &PostgreSqlDialect {}],
        Speech::Aurora => vec![&PostgreSqlDialect {}, &MySqlDialect {}],
        Speech::Athena => vec![&GenericDialect {}, &HiveDialect {}],
    }
}

fn in_dialect(text: &str, dialect: &dyn Dialect) -> Option<Effect> {
    let tokens = Tokenizer::new(dialect, text).tokenize_with_location().ok()?;
    let mut depth = 0_usize;
    for token in &tokens {
        match token.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return None;
        }
    }
    if tokens.len() > MOST_TOKENS {
        return None;
    }
    let mut parser = Parser::new(dialect).with_recursion_limit(RECURSION).with_tokens_with_locations(tokens);
    let statements = parser.parse_statements().ok()?;
    let mut worst = None;
    for statement in &statements {
        worst = Effect::worst(worst, Some(judge(statement)?));
    }
    worst
}

/// The effect of one statement, with all that is within it.
fn judge(statement: &Statement) -> Option<Effect> {
    match statement {
        Statement::Explain { analyze: false, .. } => Some(Effect::new(Read, "only explains")),
        Statement::Explain { statement, .. } | Statement::Prepare { statement, .. } => judge(statement),
        // What is stored does not run now.
        Statement::CreateFunction(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateTrigger(_)
        | Statement::CreateMacro { .. } => own(statement),
        _ => {
            let mut walk = Walk::default();
            let _whole = statement.visit(&mut walk);
            if walk.unknown { None } else { walk.worst }
        }
    }
}

/// Gathers the worst of what a statement holds.
#[derive(Debug, Default)]
struct Walk {
    worst: Option<Effect>,
    /// Queries around what is looked at.
    queries: usize,
    unknown: bool,
}

impl Walk {
    fn found(&mut self, effect: Effect) {
        self.worst = Effect::worst(self.worst.take(), Some(effect));
    }

    fn called(&mut self, name: &ObjectName) {
        let Some(name) = name.0.last().and_then(|part| part.as_ident()) else { return };
        let name = name.value.to_ascii_uppercase();
        if acting(&name) {
            self.found(Effect::new(Destructive, "calls a function that ends something"));
        }
        if running(&name) {
            self.found(Effect::new(Execute, "calls a function that acts outside"));
        }
    }
}

impl Visitor for Walk {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        match own(statement) {
            // Within a query, and not the end of one that begins with WITH.
            Some(effect) if self.queries > 1 && effect.class == Write => {
                self.found(Effect::new(Destructive, "changes data within a query").also(Write));
            }
            Some(effect) => self.found(effect),
            None => self.unknown = true,
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.queries += 1;
        if !matches!(*query.body, SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)) {
            self.found(Effect::new(Read, "only reads"));
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        if select.into.is_some() {
            self.found(Effect::new(Write, "makes a table (SELECT INTO)"));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr {
            self.called(&function.name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => self.called(name),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// The effect of a statement by its kind alone; none where its kind is not known here.
fn own(statement: &Statement) -> Option<Effect> {
    Some(match statement {
        Statement::Query(query) => match *query.body {
            // The statement at its end says it.
            SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                Effect::new(Read, "begins with a query")
            }
            _ => Effect::new(Read, "only reads"),
        },
        Statement::ShowFunctions { .. }
        | Statement::ShowVariable { .. }
        | Statement::ShowStatus { .. }
        | Statement::ShowVariables { .. }
        | Statement::ShowCreate { .. }
        | Statement::ShowColumns { .. }
        | Statement::ShowCatalogs { .. }
        | Statement::ShowDatabases { .. }
        | Statement::ShowProcessList { .. }
        | Statement::ShowSchemas { .. }
        | Statement::ShowCharset(_)
        | Statement::ShowObjects(_)
        | Statement::ShowTables { .. }
        | Statement::ShowViews { .. }
        | Statement::ShowCollation { .. }
        | Statement::ExplainTable { .. }
        | Statement::Explain { .. }
        | Statement::Use(_) => Effect::new(Read, "only shows"),
        Statement::Set(_)
        | Statement::Reset(_)
        | Statement::Open(_)
        | Statement::Close { .. }
        | Statement::Fetch { .. }
        | Statement::Declare { .. }
        | Statement::Deallocate { .. }
        | Statement::Discard { .. }
        | Statement::Savepoint { .. }
        | Statement::ReleaseSavepoint { .. }
        | Statement::Prepare { .. } => Effect::new(Read, "only concerns the session").also(Write),
        Statement::StartTransaction { statements, .. } if statements.is_empty() => {
            Effect::new(Read, "only concerns the session").also(Write)
        }
        Statement::Commit { .. } => Effect::new(Write, "commits").also(Destructive),
        Statement::Rollback { .. } => Effect::new(Destructive, "rolls back").also(Write),
        Statement::Insert(insert) => inserted(insert),
        Statement::Update(update) if update.selection.is_none() => {
            Effect::new(Destructive, "updates everything (UPDATE without WHERE)")
        }
        Statement::Update(_) => Effect::new(Write, "updates what its WHERE names (UPDATE)").also(Destructive),
        Statement::Merge(merge) => merged(merge),
        Statement::Delete(_) => Effect::new(Destructive, "deletes (DELETE)"),
        Statement::Truncate(_) => Effect::new(Destructive, "deletes (TRUNCATE)"),
        Statement::Drop { .. }
        | Statement::DropFunction(_)
        | Statement::DropDomain(_)
        | Statement::DropProcedure { .. }
        | Statement::DropSecret { .. }
        | Statement::DropPolicy(_)
        | Statement::DropConnector { .. }
        | Statement::DropExtension(_)
        | Statement::DropOperator(_)
        | Statement::DropOperatorFamily(_)
        | Statement::DropOperatorClass(_)
        | Statement::DropTrigger(_) => Effect::new(Destructive, "deletes (DROP)"),
        Statement::Kill { .. } => Effect::new(Destructive, "ends a session (KILL)"),
        Statement::Grant(_) | Statement::Deny(_) => Effect::new(Privilege, "gives access (GRANT)"),
        Statement::Revoke(_) => Effect::new(Destructive, "takes access away (REVOKE)"),
        Statement::CreateRole(_) | Statement::CreateUser(_) | Statement::CreatePolicy(_) => {
            Effect::new(Privilege, "makes a user, a role or a policy")
        }
        Statement::AlterRole { .. } | Statement::AlterUser(_) | Statement::AlterPolicy(_) => {
            Effect::new(Privilege, "changes a user, a role or a policy")
        }
        Statement::AlterTable(alter) => altered(alter),
        Statement::AlterView { .. }
        | Statement::AlterIndex { .. }
        | Statement::AlterSchema(_)
        | Statement::RenameTable(_) => Effect::new(Write, "changes a definition (ALTER)").also(Destructive),
        Statement::CreateTable(create) if create.or_replace => Effect::new(Destructive, "replaces a table").also(Write),
        Statement::CreateView(create) if create.or_replace => {
            Effect::new(Write, "makes something (CREATE)").also(Destructive)
        }
        Statement::CreateTable(_)
        | Statement::CreateView(_)
        | Statement::CreateIndex(_)
        | Statement::CreateSchema { or_replace: false, .. }
        | Statement::CreateDatabase { or_replace: false, .. }
        | Statement::CreateSequence { .. }
        | Statement::CreateDomain(_)
        | Statement::CreateType { .. } => Effect::new(Write, "makes something (CREATE)"),
        Statement::CreateFunction(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateTrigger(_)
        | Statement::CreateMacro { .. }
        | Statement::CreateExtension(_) => Effect::new(Write, "stores code").also(Execute),
        Statement::Call(_)
        | Statement::Execute { .. }
        | Statement::Load { .. }
        | Statement::Install { .. }
        | Statement::If(_)
        | Statement::While(_)
        | Statement::Case(_)
        | Statement::StartTransaction { .. } => Effect::new(Execute, "runs code"),
        Statement::Copy { target: CopyTarget::Program { .. }, .. } => {
            Effect::new(Execute, "runs a program (COPY .. PROGRAM)")
        }
        Statement::Directory { overwrite: true, .. } | Statement::LoadData { overwrite: true, .. } => {
            Effect::new(Destructive, "overwrites what is there")
        }
        Statement::Copy { .. }
        | Statement::Unload { .. }
        | Statement::Directory { .. }
        | Statement::LoadData { .. }
        | Statement::ExportData(_) => Effect::new(Write, "copies data"),
        Statement::Analyze(_)
        | Statement::Msck(_)
        | Statement::Comment { .. }
        | Statement::OptimizeTable { .. }
        | Statement::Cache { .. }
        | Statement::UNCache { .. }
        | Statement::LISTEN { .. }
        | Statement::UNLISTEN { .. }
        | Statement::NOTIFY { .. } => Effect::new(Write, "changes something"),
        Statement::Vacuum(_)
        | Statement::Flush { .. }
        | Statement::Lock(_)
        | Statement::LockTables { .. }
        | Statement::UnlockTables => Effect::new(Write, "changes something").also(Destructive),
        _ => return None,
    })
}

fn inserted(insert: &Insert) -> Effect {
    if insert.overwrite {
        return Effect::new(Destructive, "overwrites (INSERT OVERWRITE)");
    }
    let written = Effect::new(Write, "adds data (INSERT)");
    let overwrites = match &insert.on {
        Some(OnInsert::DuplicateKeyUpdate(_)) => true,
        Some(OnInsert::OnConflict(conflict)) => matches!(conflict.action, OnConflictAction::DoUpdate(_)),
        _ => insert.replace_into || insert.or.is_some(),
    };
    if overwrites { written.also(Destructive) } else { written }
}

fn merged(merge: &Merge) -> Effect {
    let deletes = merge.clauses.iter().any(|clause| match &clause.action {
        MergeAction::Delete { .. } => true,
        MergeAction::Update(update) => update.delete_predicate.is_some(),
        MergeAction::Insert(_) | MergeAction::DoNothing { .. } => false,
    });
    if deletes {
        return Effect::new(Destructive, "deletes (MERGE .. DELETE)");
    }
    Effect::new(Write, "merges (MERGE)").also(Destructive)
}

fn altered(alter: &AlterTable) -> Effect {
    let of = |operation: &AlterTableOperation| match operation {
        AlterTableOperation::OwnerTo { .. }
        | AlterTableOperation::DisableRowLevelSecurity
        | AlterTableOperation::EnableRowLevelSecurity
        | AlterTableOperation::ForceRowLevelSecurity
        | AlterTableOperation::NoForceRowLevelSecurity => Effect::new(Privilege, "rewrites who may see what"),
        AlterTableOperation::DropColumn { .. }
        | AlterTableOperation::DropConstraint { .. }
        | AlterTableOperation::DropPartitions { .. }
        | AlterTableOperation::DropPrimaryKey { .. }
        | AlterTableOperation::DropForeignKey { .. }
        | AlterTableOperation::DropIndex { .. }
        | AlterTableOperation::DropProjection { .. }
        | AlterTableOperation::DropClusteringKey
        | AlterTableOperation::DetachPartition { .. } => {
            Effect::new(Destructive, "takes something away (ALTER .. DROP)")
        }
        AlterTableOperation::DisableRule { .. } | AlterTableOperation::DisableTrigger { .. } => {
            Effect::new(Destructive, "switches something off (ALTER .. DISABLE)")
        }
        AlterTableOperation::AddColumn { .. }
        | AlterTableOperation::AddConstraint { .. }
        | AlterTableOperation::AddPartitions { .. } => Effect::new(Write, "changes a definition (ALTER)"),
        _ => Effect::new(Write, "changes a definition (ALTER)").also(Destructive),
    };
    let changes = Effect::new(Write, "changes a definition (ALTER)");
    alter.operations.iter().map(of).fold(changes, Effect::or_worse)
}
