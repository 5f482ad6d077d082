//! The counter's path as the processor gets it.

use std::process::Command;

/// The function that contains it, as the disassembler names it.
const FUNCTION: &str = "instructions::paths::counter>:";

/// The instructions of the function, up to and with the `ret` of its hot path, as objdump prints them.
pub(crate) fn of_counter() -> Result<Vec<String>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let told = Command::new("objdump")
        .args(["--disassemble", "--no-show-raw-insn", "--demangle"])
        .arg(program)
        .output()
        .map_err(|error| format!("objdump cannot be run: {error}"))?;
    let said = String::from_utf8_lossy(&told.stdout);
    let body = said.lines().skip_while(|line| !line.ends_with(FUNCTION)).skip(1);
    let mut instructions = Vec::new();
    for line in body.take_while(|line| !line.is_empty()) {
        // An address, a colon, a tab, and the instruction.
        let instruction = line.split_once('\t').map_or(line, |(_, instruction)| instruction);
        instructions.push(instruction.trim().to_owned());
        if instruction.starts_with("ret") {
            return Ok(instructions);
        }
    }
    Err(format!("objdump shows no `{FUNCTION}` that returns"))
}
