package dev.tessera.imagery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.imagery.PhotoOutcome.Accepted;
import dev.tessera.imagery.PhotoOutcome.Quarantined;
import dev.tessera.imagery.PhotoOutcome.Reason;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a photo, and what is not, and why. */
class PhotoReaderTest {
  private static final String URI = "file:/photos/street/a.jpg";
  private static final SamplePhoto SAMPLE = SamplePhoto.of(96, 64);

  private final PhotoReader reader = new PhotoReader(PhotoReader.Config.defaults());

  @Test
  void aPhotoIsNamedByItsDigest() {
    byte[] abc = SAMPLE.jpeg();

    View view = view("street/a.jpg", abc);

    assertThat(view.uri()).isEqualTo(URI);
    assertThat(view.name()).isEqualTo("street/a.jpg");
    assertThat(view.sha256()).matches("[0-9a-f]{64}");
    assertThat(view.id()).isEqualTo(ViewId.ofSha256(view.sha256()));
    assertThat(view.width()).isEqualTo(96);
    assertThat(view.height()).isEqualTo(64);
  }

  @Test
  void formatIsToldByContentNotByName() {
    assertThat(view("a.jpg", SAMPLE.png()).width()).isEqualTo(96);
    assertThat(view("a.png", SAMPLE.jpeg()).width()).isEqualTo(96);
    assertThat(view("a", SAMPLE.tiff()).width()).isEqualTo(96);
  }

  @Test
  void deepAndGrayImagesAreViews() {
    assertThat(view("a.png", SAMPLE.plain("png", BufferedImage.TYPE_USHORT_GRAY)).height())
        .isEqualTo(64);
    assertThat(view("a.tif", SAMPLE.plain("tiff", BufferedImage.TYPE_USHORT_GRAY)).height())
        .isEqualTo(64);
    assertThat(view("a.jpg", SAMPLE.plain("jpg", BufferedImage.TYPE_BYTE_GRAY)).height())
        .isEqualTo(64);
  }

  @Test
  void cmykAndFortyMegapixelsAreViewsWithoutDecoding() {
    View cmyk = view("cmyk.jpg", SamplePhoto.jpegHeaderOnly(600, 400, 0xc0, 4));
    View large = view("large.jpg", SamplePhoto.jpegHeaderOnly(7752, 5168, 0xc2, 3));

    assertThat(cmyk.width()).isEqualTo(600);
    assertThat((long) large.width() * large.height()).isGreaterThan(40_000_000L);
  }

  @Test
  void anEmptyFileIsQuarantined() {
    expect(new byte[0], Reason.EMPTY_FILE, "no bytes");
  }

  @Test
  void textNamedJpgIsNotAnImage() {
    expect("Photos of the flight".getBytes(StandardCharsets.UTF_8), Reason.NOT_AN_IMAGE, "50 68");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.5, 0.99})
  void aCutPhotoIsTruncated(double share) {
    expect(cut(SAMPLE.jpeg(), share), Reason.TRUNCATED, "");
    expect(cut(SAMPLE.png(), share), Reason.TRUNCATED, "");
    expect(cut(SAMPLE.plain("tiff", BufferedImage.TYPE_INT_RGB), share), Reason.TRUNCATED, "");
  }

  @Test
  void aCutPhotoPaddedToItsOldLengthIsTruncated() {
    byte[] whole = SAMPLE.jpeg();
    byte[] padded = Arrays.copyOf(cut(whole, 0.9), whole.length);

    expect(padded, Reason.TRUNCATED, "end marker");
  }

  @Test
  void theEndOfAThumbnailIsNotTheEndOfThePhoto() {
    byte[] photo = SAMPLE.jpeg();
    byte[] thumbnail = SamplePhoto.of(16, 16).jpeg();
    byte[] withThumbnail = concat(cut(photo, 0), soi(), comment(thumbnail), tail(photo, 2));

    assertThat(view("a.jpg", withThumbnail).width()).isEqualTo(96);
    expect(cut(withThumbnail, 0.95), Reason.TRUNCATED, "end marker");
  }

  @Test
  void whatFollowsTheEndIsNotLookedAt() {
    byte[] second = SamplePhoto.of(32, 32).jpeg();
    byte[] video = "\0\0\0\u0018ftypmp42 moov".getBytes(StandardCharsets.ISO_8859_1);

    assertThat(view("multi.jpg", concat(SAMPLE.jpeg(), second)).width()).isEqualTo(96);
    assertThat(view("motion.jpg", concat(SAMPLE.jpeg(), video)).width()).isEqualTo(96);
    assertThat(view("padded.jpg", concat(SAMPLE.jpeg(), new byte[4096])).width()).isEqualTo(96);
    assertThat(view("padded.png", concat(SAMPLE.png(), new byte[4096])).width()).isEqualTo(96);
  }

  @Test
  void aDamagedPngIsUnreadable() {
    byte[] png = SAMPLE.png();
    png[png.length / 2] ^= 1;

    expect(png, Reason.UNREADABLE, "does not match its checksum");
  }

  @Test
  void aJpegWithoutImageIsUnreadable() {
    expect(concat(soi(), new byte[] {(byte) 0xff, (byte) 0xd9}), Reason.UNREADABLE, "without an");
  }

  @Test
  void formatsThatAreNotDecodedComeWithAdvice() {
    expect(iso("heic"), Reason.UNSUPPORTED_FORMAT, "HEIC/HEIF: export as JPEG");
    expect(iso("avif"), Reason.UNSUPPORTED_FORMAT, "AVIF: export as JPEG");
    expect(iso("crx "), Reason.UNSUPPORTED_FORMAT, "camera RAW (CR3): export");
    expect(iso("isom"), Reason.UNSUPPORTED_FORMAT, "a video: extract frames");
    expect(SAMPLE.plain("bmp", BufferedImage.TYPE_INT_RGB), Reason.UNSUPPORTED_FORMAT, "BMP:");
    expect(SAMPLE.plain("gif", BufferedImage.TYPE_INT_RGB), Reason.UNSUPPORTED_FORMAT, "GIF:");
    expect(
        SamplePhoto.jpegHeaderOnly(600, 400, 0xc3, 3), Reason.UNSUPPORTED_FORMAT, "baseline JPEG");
    assertThat(reader.read(URI, "a.NEF", SAMPLE.tiff()))
        .isInstanceOfSatisfying(
            Quarantined.class, q -> assertThat(q.detail()).startsWith("camera RAW: export"));
  }

  @Test
  void iconsAndGiantsAreRefused() {
    expect(SamplePhoto.of(96, 63).jpeg(), Reason.TOO_SMALL, "96 x 63 pixels, need 64 a side");
    expect(
        SamplePhoto.jpegHeaderOnly(60_000, 60_000, 0xc0, 3),
        Reason.TOO_LARGE,
        "60000 x 60000 pixels, at most 500000000 are decoded");
  }

  @Test
  void aHugeFileIsNotRead() {
    PhotoOutcome outcome =
        reader.read(URI, "a.jpg", new ByteArrayInputStream(SAMPLE.jpeg()), 5_000_000_000L);

    assertThat(outcome)
        .isEqualTo(
            new Quarantined(
                URI, "a.jpg", Reason.TOO_LARGE, "5000000000 bytes, at most 1000000000 are read"));
  }

  @Test
  void aStreamThatFailsOrEndsEarlyIsCounted() {
    InputStream broken =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("connection reset");
          }
        };

    assertThat(reader.read(URI, "a.jpg", broken, 100))
        .isEqualTo(
            new Quarantined(
                URI,
                "a.jpg",
                Reason.UNREADABLE,
                "cannot be fetched: java.io.IOException: connection reset"));
    byte[] bytes = SAMPLE.jpeg();
    assertThat(reader.read(URI, "a.jpg", new ByteArrayInputStream(bytes), bytes.length + 7L))
        .isInstanceOfSatisfying(
            Quarantined.class, q -> assertThat(q.reason()).isEqualTo(Reason.TRUNCATED));
  }

  @Test
  void aNegativeSizeIsWrongUsage() {
    assertThatThrownBy(() -> reader.read(URI, "a.jpg", InputStream.nullInputStream(), -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot read photo a.jpg: its size is -1 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "EMPTY_FILE, empty_file",
    "NOT_AN_IMAGE, not_an_image",
    "UNSUPPORTED_FORMAT, unsupported_format"
  })
  void reasonsHaveCodesForTables(Reason reason, String code) {
    assertThat(reason.code()).isEqualTo(code);
  }

  @Test
  void randomDamageIsCountedAndNeverThrown() {
    Random random = new Random(20);
    SamplePhoto tagged =
        SamplePhoto.of(96, 64)
            .camera("DJI", "FC330")
            .orientation(6)
            .focalMillimeters(3.61)
            .taken("2020:01:02 03:04:05", "5")
            .dji("GpsLatitude=\"+46.5\" GpsLongitude=\"+7.5\"")
            .at(46.5, 7.5)
            .altitude(500, 0);
    List<byte[]> originals = List.of(tagged.jpeg(), tagged.png(), tagged.tiff());
    for (int trial = 0; trial < 600; trial++) {
      byte[] damaged = damaged(originals.get(trial % originals.size()), random);

      PhotoOutcome outcome = reader.read(URI, "trial" + trial, damaged);

      assertThat(outcome.uri()).isEqualTo(URI);
    }
  }

  @Test
  void noTruncationOfAJpegIsAccepted() {
    byte[] whole = SAMPLE.jpeg();
    for (int length = 0; length < whole.length; length += 7) {
      assertThat(reader.read(URI, "a.jpg", Arrays.copyOf(whole, length)))
          .as("first %d bytes", length)
          .isInstanceOf(Quarantined.class);
    }
  }

  /** Cut somewhere, or some bytes replaced, most of them in the header. */
  private static byte[] damaged(byte[] original, Random random) {
    if (random.nextInt(3) == 0) {
      return Arrays.copyOf(original, random.nextInt(original.length));
    }
    byte[] damaged = original.clone();
    int reach = random.nextBoolean() ? Math.min(900, damaged.length) : damaged.length;
    for (int i = 1 + random.nextInt(20); i > 0; i--) {
      damaged[random.nextInt(reach)] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  private View view(String name, byte[] bytes) {
    PhotoOutcome outcome = reader.read(URI, name, bytes);
    assertThat(outcome).isInstanceOf(Accepted.class);
    return ((Accepted) outcome).view();
  }

  private void expect(byte[] bytes, Reason reason, String detail) {
    PhotoOutcome outcome = reader.read(URI, "street/a.jpg", bytes);

    assertThat(outcome).isInstanceOf(Quarantined.class);
    Quarantined quarantined = (Quarantined) outcome;
    assertThat(quarantined.uri()).isEqualTo(URI);
    assertThat(quarantined.name()).isEqualTo("street/a.jpg");
    assertThat(quarantined.reason()).as(quarantined.detail()).isEqualTo(reason);
    assertThat(quarantined.detail()).contains(detail);
  }

  private static byte[] cut(byte[] bytes, double share) {
    return Arrays.copyOf(bytes, share == 0 ? 0 : Math.max(8, (int) (share * bytes.length)));
  }

  private static byte[] tail(byte[] bytes, int from) {
    return Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static byte[] soi() {
    return new byte[] {(byte) 0xff, (byte) 0xd8};
  }

  /** A comment segment, whose content a reader has to skip. */
  private static byte[] comment(byte[] content) {
    int length = content.length + 2;
    byte[] header = {(byte) 0xff, (byte) 0xfe, (byte) (length >> 8), (byte) length};
    return concat(header, content);
  }

  private static byte[] iso(String brand) {
    return ("\0\0\0\u0018ftyp" + brand + "\0\0\0\0mif1").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
