package dev.tessera.jobs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;

/** What a command line did in this JVM: exit code, standard output, standard error. */
record CommandLineRun(int exitCode, String out, String err) {

  /** Carries out a command line as {@code main} does, without leaving the JVM. */
  static CommandLineRun of(String... args) {
    return captured(() -> Tessera.execute(args));
  }

  /** The same of anything that ends with an exit code. */
  static CommandLineRun captured(IntSupplier command) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int exitCode = command.getAsInt();
      return new CommandLineRun(
          exitCode,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  /** As {@link #of}; the further arguments follow the first ones. */
  static CommandLineRun of(List<String> first, String... further) {
    List<String> args = new ArrayList<>(first);
    args.addAll(List.of(further));
    return of(args.toArray(String[]::new));
  }

  List<String> errLines() {
    return err.lines().toList();
  }
}
