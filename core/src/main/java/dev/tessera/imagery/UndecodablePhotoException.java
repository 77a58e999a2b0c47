package dev.tessera.imagery;

/** A photo whose pixels cannot be used; never leaves this package. */
final class UndecodablePhotoException extends Exception {
  private static final long serialVersionUID = 1L;

  private final PhotoDecoder.Reason reason;

  UndecodablePhotoException(PhotoDecoder.Reason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  PhotoDecoder.Reason reason() {
    return reason;
  }
}
