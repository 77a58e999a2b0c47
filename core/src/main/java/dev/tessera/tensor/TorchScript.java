package dev.tessera.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs TorchScript functions into the archive that libtorch loads: a ZIP of stored entries with
 * the source text and the pickle of one object without tensors. Each function {@code f} of the text
 * becomes a method {@code f} of that object; functions call one another as {@code
 * __torch__.f(...)}. The text is TorchScript as PyTorch's own archives have it, which is nearly the
 * one people write; number formats may be named ({@code torch.float32}) and are replaced by their
 * numbers here.
 */
final class TorchScript {
  /** {@code def name(parameters) -> result:} at the start of a line. */
  private static final Pattern FUNCTION =
      Pattern.compile("^def (\\w+)\\(([^)]*)\\) -> ([^:]+):", Pattern.MULTILINE);

  private static final Pattern PARAMETER = Pattern.compile("(\\w+)\\s*:");

  /** Names of number formats and the numbers that the archive has for them. */
  private static final Map<String, String> DTYPES =
      Map.of(
          "torch.uint8", "0",
          "torch.int16", "2",
          "torch.int64", "4",
          "torch.float32", "6",
          "torch.float64", "7",
          "torch.bfloat16", "15");

  private TorchScript() {}

  /** The archive of an object whose methods are the functions of {@code source}. */
  static byte[] archive(String source) {
    String functions = source;
    for (Map.Entry<String, String> dtype : DTYPES.entrySet()) {
      functions = functions.replace(dtype.getKey(), dtype.getValue());
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      stored(zip, "kernels/data.pkl", pickle());
      stored(zip, "kernels/constants.pkl", HexFormat.of().parseHex("8002292e"));
      stored(zip, "kernels/version", "3\n".getBytes(StandardCharsets.US_ASCII));
      String text = functions + module(functions);
      stored(zip, "kernels/code/__torch__.py", text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException("Writing to memory failed", e);
    }
    return bytes.toByteArray();
  }

  /** The class with one method for each function, which passes its arguments on. */
  private static String module(String source) {
    StringBuilder text =
        new StringBuilder("\nclass Kernels(Module):\n  __parameters__ = []\n  __buffers__ = []\n")
            .append("  training : bool\n");
    Matcher function = FUNCTION.matcher(source);
    while (function.find()) {
      String parameters = function.group(2);
      text.append("  def %s(self: __torch__.Kernels".formatted(function.group(1)));
      text.append(parameters.isBlank() ? "" : ", " + parameters);
      text.append(") -> %s:\n".formatted(function.group(3)));
      text.append("    return __torch__.%s(".formatted(function.group(1)));
      text.append(String.join(", ", names(parameters))).append(")\n");
    }
    return text.toString();
  }

  private static Iterable<String> names(String parameters) {
    return PARAMETER.matcher(parameters).results().map(name -> name.group(1)).toList();
  }

  /**
   * Protocol 2: an object of class {@code __torch__.Kernels} whose only state is {@code training}.
   */
  private static byte[] pickle() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    hex(pickle, "800263");
    pickle.write("__torch__\nKernels\n".getBytes(StandardCharsets.US_ASCII));
    hex(pickle, "71002981" + "7d28" + "5808000000");
    pickle.write("training".getBytes(StandardCharsets.US_ASCII));
    hex(pickle, "710189" + "756271022e");
    return pickle.toByteArray();
  }

  private static void hex(OutputStream out, String digits) throws IOException {
    out.write(HexFormat.of().parseHex(digits));
  }

  private static void stored(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
