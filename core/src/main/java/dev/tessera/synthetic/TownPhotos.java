package dev.tessera.synthetic;

import dev.tessera.geodesy.LocalFrame;
import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Vec3;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Writes a flight's photos as JPEGs with headers, and {@code truth.csv} with the exact cameras. The
 * files do not depend on the number of threads.
 */
public final class TownPhotos {
  /** Name of the file with the exact cameras. */
  public static final String TRUTH = "truth.csv";

  private static final String HEADER = "image,width,height,fx,fy,cx,cy,qw,qx,qy,qz,Cx,Cy,Cz";

  /**
   * @param noise error of the positions in the headers
   * @param seed of that error
   * @param jpegQuality 0 to 1
   * @param threads photos rendered at a time
   */
  public record Config(PositionNoise noise, long seed, double jpegQuality, int threads)
      implements Serializable {
    public Config {
      if (!(jpegQuality > 0 && jpegQuality <= 1)) {
        throw new IllegalArgumentException("JPEG quality must be in (0, 1], was " + jpegQuality);
      }
      if (threads < 1) {
        throw new IllegalArgumentException("Threads must be >= 1, was " + threads);
      }
    }

    /** A good receiver, quality 0.93, a thread per core. */
    public static Config defaults(long seed) {
      return new Config(
          PositionNoise.defaults(), seed, 0.93, Runtime.getRuntime().availableProcessors());
    }
  }

  private TownPhotos() {}

  /**
   * Renders and writes every photo below {@code out}, then the truth, which replaces what is there.
   *
   * @param progress told the number of photos written so far, from several threads
   * @throws IOException if a file cannot be written
   */
  public static void write(
      Path out, SyntheticTown town, Flight flight, Config config, IntConsumer progress)
      throws IOException {
    List<TownCamera> cameras = flight.cameras();
    for (TownCamera camera : cameras) {
      Files.createDirectories(out.resolve(camera.name()).getParent());
    }
    TownRenderer renderer = new TownRenderer(town);
    AtomicInteger written = new AtomicInteger();
    ForkJoinPool pool = new ForkJoinPool(config.threads());
    try {
      pool.submit(
              () ->
                  IntStream.range(0, cameras.size())
                      .parallel()
                      .forEach(
                          i -> {
                            writePhoto(out, town.frame(), renderer, cameras.get(i), i, config);
                            progress.accept(written.incrementAndGet());
                          }))
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Cannot write photos to " + out + ": interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("Cannot write photos to " + out + ": " + e.getCause(), e);
    } finally {
      pool.shutdownNow();
    }
    Files.writeString(out.resolve(TRUTH), truthCsv(cameras), StandardCharsets.UTF_8);
  }

  /**
   * The exact cameras as text: rotations scalar first, camera from world; centres in ENU metres.
   */
  public static String truthCsv(List<TownCamera> cameras) {
    StringBuilder csv = new StringBuilder(HEADER).append('\n');
    for (TownCamera camera : cameras) {
      Intrinsics k = camera.intrinsics();
      Quaternion q = camera.cameraFromWorld().rotation();
      Vec3 c = camera.cameraFromWorld().center();
      csv.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%d,%.6f,%.6f,%.6f,%.6f,%.12f,%.12f,%.12f,%.12f,%.6f,%.6f,%.6f\n",
              camera.name(),
              k.width(),
              k.height(),
              k.focalPixels(),
              k.focalPixels(),
              k.cx(),
              k.cy(),
              q.w(),
              q.x(),
              q.y(),
              q.z(),
              c.x(),
              c.y(),
              c.z()));
    }
    return csv.toString();
  }

  private static void writePhoto(
      Path out, LocalFrame frame, TownRenderer renderer, TownCamera camera, int i, Config config) {
    Vec3 measured = config.noise().measured(camera.cameraFromWorld().center(), config.seed(), i);
    try {
      byte[] jpeg = jpeg(renderer, camera, config.jpegQuality());
      byte[] stamped =
          ExifStamp.stamp(jpeg, camera, measured == null ? null : frame.toGeo(measured));
      Files.write(out.resolve(camera.name()), stamped);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] jpeg(TownRenderer renderer, TownCamera camera, double quality)
      throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(stream);
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality((float) quality);
      writer.write(null, new IIOImage(renderer.render(camera), null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
