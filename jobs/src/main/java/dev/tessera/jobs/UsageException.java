package dev.tessera.jobs;

/**
 * The command cannot be carried out as it was given. The message is one line that says what to
 * change; it is all the user sees.
 */
public final class UsageException extends RuntimeException {
  private final int exitCode;

  public UsageException(String message) {
    this(message, ExitCodes.USAGE);
  }

  public UsageException(String message, int exitCode) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
