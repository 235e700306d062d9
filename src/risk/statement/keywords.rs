//! The effect of SQL statements by their words and order only: every dialect's statements are told apart by the same
//! few keywords, those that no parser knows included.

use super::{
    Effect, Speech,
    lexer::{Token, tokens},
};
use crate::risk::RiskClass::{Destructive, Execute, Privilege, Read, Write};

/// The effect of a text of statements, its worst under every reading of it. What cannot be `parsed` is believed to be
/// harmless only where no word in it could act.
pub(super) fn effect(text: &str, speech: Speech, parsed: bool) -> Option<Effect> {
    let mut worst = None;
    for reading in speech.readings() {
        let tokens = tokens(text, *reading);
        for statement in tokens.split(|token| token.is_sign(';')) {
            let mut effect = one(statement, speech);
            if !parsed && effect.as_ref().is_some_and(|effect| matches!(effect.class, Read | Write)) && acts(statement)
            {
                effect = Some(Effect::new(Execute, "holds words that act, and cannot be parsed"));
            }
            worst = Effect::worst(worst, effect);
        }
    }
    worst
}

/// Words that act wherever a statement has them.
const ACTS: &[&str] = &[
    "ALTER", "CALL", "CREATE", "DELETE", "DROP", "EXEC", "EXECUTE", "GRANT", "INSERT", "KILL", "MERGE", "PURGE",
    "REVOKE", "TRUNCATE", "UPDATE", "UPSERT",
];

/// Whether a statement has a word that acts beyond its first, which says what it does.
fn acts(statement: &[Token]) -> bool {
    without_brackets(statement).windows(2).any(|pair| match pair {
        [before, word] => !before.is_sign('.') && ACTS.iter().any(|act| word.is(act)),
        _ => false,
    })
}

/// The effect of one statement; none where there is no statement.
fn one(statement: &[Token], speech: Speech) -> Option<Effect> {
    let statement = without_brackets(statement);
    let (first, rest) = statement.split_first()?;
    let Token::Word(verb) = first else {
        return Some(Effect::new(Execute, "holds a statement that cannot be read"));
    };
    let has = |keyword: &str| rest.iter().any(|token| token.is(keyword));
    let second = rest.first();
    let starts = |keyword: &str| second.is_some_and(|token| token.is(keyword));
    Some(match verb.as_str() {
        "SELECT" | "WITH" | "VALUES" | "TABLE" | "FROM" | "EXISTS" => query(statement),
        "SHOW" | "DESCRIBE" | "DESC" | "LIST" | "USE" | "HELP" | "PRAGMA" => Effect::new(Read, "only shows"),
        "EXPLAIN" if has("ANALYZE") || has("ANALYSE") => explained(rest, speech),
        "EXPLAIN" => Effect::new(Read, "only explains"),
        "BEGIN" | "START" | "SET" | "RESET" | "DISCARD" | "SAVEPOINT" | "RELEASE" | "END" | "CLOSE" | "FETCH"
        | "DEALLOCATE" | "DECLARE" => session(verb, rest),
        "COMMIT" => Effect::new(Write, "commits").also(Destructive),
        "ROLLBACK" | "ABORT" => Effect::new(Destructive, "rolls back").also(Write),
        "INSERT" if starts("OVERWRITE") => Effect::new(Destructive, "overwrites (INSERT OVERWRITE)"),
        "INSERT" | "UPSERT" | "REPLACE" => insert(verb, rest),
        "UPDATE" => update(rest),
        "MERGE" if has("DELETE") => Effect::new(Destructive, "deletes (MERGE .. DELETE)"),
        "MERGE" => Effect::new(Write, "merges (MERGE)").also(Destructive),
        "DELETE" | "DROP" | "TRUNCATE" | "PURGE" | "KILL" | "SHUTDOWN" => {
            Effect::new(Destructive, &format!("deletes ({verb})"))
        }
        "REVOKE" => Effect::new(Destructive, "takes access away (REVOKE)"),
        "GRANT" | "DENY" => Effect::new(Privilege, "gives access (GRANT)"),
        "CREATE" => create(rest),
        "ALTER" | "RENAME" => alter(rest),
        "CALL" | "EXEC" | "EXECUTE" | "DO" | "LOAD" | "INSTALL" => Effect::new(Execute, &format!("runs code ({verb})")),
        "COPY" if has("PROGRAM") => Effect::new(Execute, "runs a program (COPY .. PROGRAM)"),
        "COPY" | "UNLOAD" | "EXPORT" | "IMPORT" => Effect::new(Write, &format!("copies data ({verb})")),
        "OPTIMIZE" | "ANALYZE" | "ANALYSE" | "REFRESH" | "MSCK" | "REINDEX" | "CLUSTER" | "COMMENT" | "PREPARE"
        | "CACHE" | "UNCACHE" | "CHECKPOINT" | "NOTIFY" | "LISTEN" | "UNLISTEN" | "SYNC" | "ATTACH" => {
            Effect::new(Write, &format!("changes something ({verb})"))
        }
        "VACUUM" if speech == Speech::Athena => {
            Effect::new(Destructive, "removes earlier versions of rows (VACUUM)").also(Write)
        }
        "VACUUM" | "LOCK" | "DETACH" | "FLUSH" | "UNLOCK" | "EXPIRE" => {
            Effect::new(Write, &format!("changes something ({verb})")).also(Destructive)
        }
        "REASSIGN" | "SECURITY" => Effect::new(Privilege, "rewrites who owns what"),
        _ => Effect::new(Execute, "holds a statement that cannot be read"),
    })
}

/// Brackets around the whole statement mean nothing.
fn without_brackets(mut statement: &[Token]) -> &[Token] {
    while let Some((first, rest)) = statement.split_first() {
        if !first.is_sign('(') {
            break;
        }
        statement = rest;
    }
    statement
}

fn explained(rest: &[Token], speech: Speech) -> Effect {
    let verbs =
        ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "EXECUTE", "VALUES", "TABLE", "REFRESH"];
    let at = rest.iter().position(|token| verbs.iter().any(|verb| token.is(verb)));
    at.and_then(|at| rest.get(at..))
        .and_then(|rest| one(rest, speech))
        .unwrap_or_else(|| Effect::new(Read, "only explains"))
}

/// Functions that act, in a query that looks like a read.
const ACTING: &[&str] = &[
    "PG_TERMINATE_BACKEND",
    "PG_CANCEL_BACKEND",
    "PG_DROP_REPLICATION_SLOT",
    "LO_UNLINK",
    "PG_RELOAD_CONF",
    "PG_SWITCH_WAL",
    "PG_PROMOTE",
];
const RUNNING: &[&str] = &[
    "DBLINK_EXEC",
    "DBLINK",
    "PG_READ_FILE",
    "PG_READ_BINARY_FILE",
    "LOAD_FILE",
    "SYS_EXEC",
    "LAMBDA_ASYNC",
    "INVOKE",
    "XP_CMDSHELL",
    "SP_EXECUTESQL",
    "LO_IMPORT",
    "LO_EXPORT",
    "AWS_LAMBDA",
];

/// Whether a function of that name, in upper case, ends something.
pub(super) fn acting(name: &str) -> bool {
    ACTING.contains(&name)
}

/// Whether a function of that name, in upper case, acts outside the database.
pub(super) fn running(name: &str) -> bool {
    RUNNING.contains(&name)
}

/// Most UPDATEs of a statement that are looked at one by one.
const MOST_ENDS: usize = 8;

fn query(statement: &[Token]) -> Effect {
    let mut effect = Effect::new(Read, "only reads");
    let mut ends = 0_usize;
    for (at, token) in statement.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        ends += usize::from(word == "UPDATE");
        let before = at.checked_sub(1).and_then(|before| statement.get(before));
        let after = statement.get(at + 1);
        let found = match word.as_str() {
            // Within a query only as a part of it, at its beginning or after `AS (`.
            "DELETE" | "TRUNCATE" | "DROP" if opens(before) => Effect::new(Destructive, "deletes within a query"),
            // After the last bracket of a WITH it is the statement itself.
            "UPDATE" if closes(before) && ends > MOST_ENDS => Effect::new(Destructive, "updates within a query"),
            "UPDATE" if closes(before) => limited(statement.get(at + 1..).unwrap_or_default()),
            "INSERT" if closes(before) => Effect::new(Write, "adds data (INSERT)"),
            "UPDATE" if opens(before) => Effect::new(Destructive, "updates within a query"),
            "MERGE" if opens(before) => Effect::new(Destructive, "merges within a query"),
            "INSERT" if opens(before) => Effect::new(Destructive, "inserts within a query").also(Write),
            "INTO" if before.is_none_or(|before| !before.is("INSERT")) => into(after),
            word if acting(word) && calls(after) => Effect::new(Destructive, "calls a function that ends something"),
            word if running(word) && calls(after) => Effect::new(Execute, "calls a function that acts outside"),
            _ => continue,
        };
        effect = effect.or_worse(found);
    }
    effect
}

fn into(after: Option<&Token>) -> Effect {
    match after {
        Some(Token::Word(word)) if word == "OUTFILE" || word == "DUMPFILE" => {
            Effect::new(Write, "writes a file").also(Destructive)
        }
        _ => Effect::new(Write, "makes a table (SELECT INTO)"),
    }
}

fn opens(before: Option<&Token>) -> bool {
    before.is_none_or(|before| before.is_sign('(') || before.is_sign(')'))
}

fn closes(before: Option<&Token>) -> bool {
    before.is_some_and(|before| before.is_sign(')'))
}

fn calls(after: Option<&Token>) -> bool {
    after.is_some_and(|after| after.is_sign('('))
}

fn session(verb: &str, rest: &[Token]) -> Effect {
    let has = |keyword: &str| rest.iter().any(|token| token.is(keyword));
    if verb == "SET" && (has("PASSWORD") || has("ROLE") || has("AUTHORIZATION") || (has("GLOBAL") && has("ROLE"))) {
        return Effect::new(Privilege, "changes a password or the role in force");
    }
    // PL/pgSQL's and T-SQL's blocks hold anything.
    let block = ["DELETE", "DROP", "TRUNCATE", "INSERT", "UPDATE", "EXEC", "EXECUTE", "GRANT", "CALL"];
    if rest.iter().any(|token| block.iter().any(|keyword| token.is(keyword))) {
        return Effect::new(Execute, "holds a block of code");
    }
    if verb == "SET" && (has("GLOBAL") || has("PERSIST")) {
        return Effect::new(Write, "changes a setting of the server").also(Destructive);
    }
    Effect::new(Read, "only concerns the session").also(Write)
}

fn insert(verb: &str, rest: &[Token]) -> Effect {
    let has = |keyword: &str| rest.iter().any(|token| token.is(keyword));
    let written = Effect::new(Write, &format!("adds data ({verb})"));
    let inner = query(rest.split_first().filter(|(first, _)| first.is("INTO")).map_or(rest, |(_, rest)| rest));
    if inner.class != Read {
        return written.or_worse(inner);
    }
    let overwrites = verb != "INSERT"
        || (has("CONFLICT") && has("UPDATE"))
        || has("DUPLICATE")
        || (has("CONFLICT") && has("REPLACE"));
    if overwrites { written.also(Destructive) } else { written }
}

fn update(rest: &[Token]) -> Effect {
    limited(rest).or_worse(query(rest))
}

/// An UPDATE by its WHERE alone.
fn limited(rest: &[Token]) -> Effect {
    let mut depth = 0_usize;
    let outer = rest.iter().position(|token| {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is("WHERE")
    });
    let Some(at) = outer else {
        return Effect::new(Destructive, "updates everything (UPDATE without WHERE)");
    };
    let condition: Vec<&Token> = rest.iter().skip(at + 1).take_while(|token| !token.is("RETURNING")).collect();
    if always(&condition, DEEPEST) {
        return Effect::new(Destructive, "updates everything (its WHERE always holds)");
    }
    Effect::new(Write, "updates what its WHERE names (UPDATE)").also(Destructive)
}

/// How deep brackets of a condition are looked into.
const DEEPEST: usize = 32;

/// `1=1`, `true`, `a=a`, also as one side of an OR. What is too deep to look into counts as that.
fn always(condition: &[&Token], depth: usize) -> bool {
    depth == 0
        || condition
            .split(|token| token.is("OR"))
            .any(|side| side.split(|token| token.is("AND")).all(|part| holds(part, depth)))
}

fn holds(part: &[&Token], depth: usize) -> bool {
    match part {
        [] => true,
        [one] => one.is("TRUE") || matches!(one, Token::Number(number) if number != "0"),
        [left, sign, right] if sign.is_sign('=') => left == right && !matches!(left, Token::Literal),
        [open, inner @ .., close] if open.is_sign('(') && close.is_sign(')') => always(inner, depth - 1),
        _ => false,
    }
}

fn create(rest: &[Token]) -> Effect {
    let has = |keyword: &str| rest.iter().any(|token| token.is(keyword));
    let replaces = rest.windows(2).any(|pair| matches!(pair, [or, replace] if or.is("OR") && replace.is("REPLACE")));
    let kinds = ["USER", "ROLE", "LOGIN", "GROUP", "POLICY"];
    let object = rest.iter().find(|token| {
        !["OR", "REPLACE", "TEMPORARY", "TEMP", "EXTERNAL", "UNIQUE", "MATERIALIZED", "RLS", "MASKING"]
            .iter()
            .any(|skip| token.is(skip))
    });
    if object.is_some_and(|object| kinds.iter().any(|kind| object.is(kind))) {
        return Effect::new(Privilege, "makes a user, a role or a policy");
    }
    let code = ["FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "LIBRARY", "EXTENSION", "MODEL"];
    let made = if code.iter().any(|kind| object.is_some_and(|object| object.is(kind))) {
        Effect::new(Write, "stores code").also(Execute)
    } else {
        Effect::new(Write, "makes something (CREATE)")
    };
    if replaces && has("TABLE") {
        return Effect::new(Destructive, "replaces a table").also(Write);
    }
    let made = if replaces { made.also(Destructive) } else { made };
    let inner = query(rest);
    if inner.class == Read || inner.class == Write { made } else { made.or_worse(inner) }
}

fn alter(rest: &[Token]) -> Effect {
    let has = |keyword: &str| rest.iter().any(|token| token.is(keyword));
    let kinds = ["USER", "ROLE", "LOGIN", "GROUP", "POLICY"];
    if rest.first().is_some_and(|first| kinds.iter().any(|kind| first.is(kind)))
        || (has("DEFAULT") && has("PRIVILEGES"))
    {
        return Effect::new(Privilege, "changes a user, a role or a policy");
    }
    if has("OWNER") || (has("SECURITY") && (has("ROW") || has("LEVEL"))) {
        return Effect::new(Privilege, "rewrites who may see what");
    }
    if has("DROP") || has("TRUNCATE") || has("DELETE") || has("EXPIRE") {
        return Effect::new(Destructive, "takes something away (ALTER .. DROP)");
    }
    if has("DISABLE") {
        return Effect::new(Destructive, "switches something off (ALTER .. DISABLE)");
    }
    let changes = has("RENAME") || has("TYPE") || has("MODIFY") || has("CHANGE") || has("REPLACE") || has("SET");
    let written = Effect::new(Write, "changes a definition (ALTER)");
    if changes { written.also(Destructive) } else { written }
}
