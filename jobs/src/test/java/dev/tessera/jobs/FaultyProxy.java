package dev.tessera.jobs;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An HTTP proxy before a server. Counts requests, and does to some of them what networks and busy
 * stores do: answers 503 SlowDown, resets the connection, answers slowly. Which ones, is decided by
 * a seed and the order in which they come.
 */
final class FaultyProxy implements AutoCloseable {
  private static final byte[] END_OF_HEADERS = {'\r', '\n', '\r', '\n'};
  private static final String SLOW_DOWN =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>SlowDown</Code>"
          + "<Message>Please reduce your request rate.</Message></Error>";
  private static final String PREFIX = "prefix=";

  /** Of a path, by which requests are counted. */
  private static final int FOLDERS = 2;

  private static final int SLOW_PIECE_BYTES = 16 << 10;
  private static final int SLOW_MILLIS = 20;

  /** What is done to a request. */
  enum Fault {
    NONE,
    SLOW_DOWN,
    RESET_BEFORE,
    RESET_HALF_WAY,
    SLOW
  }

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int serverPort;
  private final Random random;
  private final double faultShare;
  private final Map<String, AtomicInteger> requests = new ConcurrentHashMap<>();
  private final Map<Fault, AtomicInteger> faults = new ConcurrentHashMap<>();

  private FaultyProxy(int serverPort, double faultShare, long seed) throws IOException {
    this.serverPort = serverPort;
    this.faultShare = faultShare;
    this.random = new Random(seed);
  }

  /**
   * Starts a proxy before the server at that port of this machine.
   *
   * @param faultShare share of requests that something is done to
   */
  static FaultyProxy start(int serverPort, double faultShare, long seed) throws IOException {
    FaultyProxy proxy = new FaultyProxy(serverPort, faultShare, seed);
    daemon(proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** How many requests of each kind came, by verb and first two folders. */
  Map<String, Integer> requests() {
    Map<String, Integer> counts = new TreeMap<>();
    requests.forEach((kind, count) -> counts.put(kind, count.get()));
    return counts;
  }

  int count(Fault fault) {
    return faults.getOrDefault(fault, new AtomicInteger()).get();
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "faulty-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        daemon(() -> serve(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      InputStream fromClient = new BufferedInputStream(client.getInputStream());
      InputStream fromServer = new BufferedInputStream(server.getInputStream());
      boolean open = true;
      while (open) {
        open = exchange(client, fromClient, server, fromServer);
      }
    } catch (IOException e) {
      // One of the two is gone, as happens when a driver is killed: so is the other, now.
    }
  }

  private boolean exchange(
      Socket client, InputStream fromClient, Socket server, InputStream fromServer)
      throws IOException {
    String head = head(fromClient);
    if (head.isEmpty()) {
      return false;
    }
    count(head);
    Fault fault = nextFault();
    faults.computeIfAbsent(fault, f -> new AtomicInteger()).incrementAndGet();
    if (fault == Fault.RESET_BEFORE) {
      client.setSoLinger(true, 0);
      return false;
    }
    if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
      client.getOutputStream().write(ascii("HTTP/1.1 100 Continue\r\n\r\n"));
      head = head.replaceAll("(?i)expect: 100-continue\r\n", "");
    }
    byte[] body = fromClient.readNBytes(length(head, 0));
    if (fault == Fault.SLOW_DOWN) {
      slowDown(client.getOutputStream(), head);
      return true;
    }
    server.getOutputStream().write(ascii(head));
    server.getOutputStream().write(body);
    return answer(client, head, fromServer, fault);
  }

  private boolean answer(Socket client, String request, InputStream fromServer, Fault fault)
      throws IOException {
    String head = head(fromServer);
    if (head.isEmpty()) {
      return false; // the server had closed the connection: let the client know
    }
    boolean empty = request.startsWith("HEAD ") || head.matches("(?s)HTTP/1.1 (204|304) .*");
    byte[] body =
        empty
            ? new byte[0]
            : head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")
                ? chunked(fromServer)
                : fromServer.readNBytes(length(head, 0));
    OutputStream out = client.getOutputStream();
    out.write(ascii(head));
    if (fault == Fault.RESET_HALF_WAY) {
      out.write(body, 0, body.length / 2);
      out.flush();
      client.setSoLinger(true, 0);
      return false;
    }
    for (int i = 0; i < body.length; i += SLOW_PIECE_BYTES) {
      out.write(body, i, Math.min(SLOW_PIECE_BYTES, body.length - i));
      if (fault == Fault.SLOW) {
        out.flush();
        sleep();
      }
    }
    return true;
  }

  private static void slowDown(OutputStream out, String request) throws IOException {
    String body = request.startsWith("HEAD ") ? "" : SLOW_DOWN;
    out.write(
        ascii(
            "HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: "
                + SLOW_DOWN.length()
                + "\r\n\r\n"
                + body));
  }

  private synchronized Fault nextFault() {
    if (random.nextDouble() >= faultShare) {
      return Fault.NONE;
    }
    Fault[] faulty = Fault.values();
    return faulty[1 + random.nextInt(faulty.length - 1)];
  }

  private void count(String head) {
    List<String> line = List.of(head.substring(0, head.indexOf("\r\n")).split(" ", -1));
    List<String> target = List.of(line.get(1).split("\\?", 2));
    String query = target.size() > 1 ? target.get(1) : "";
    boolean list = line.get(0).equals("GET") && query.contains("list-type");
    String path =
        list
            ? prefix(query)
            : Stream.of(target.get(0).split("/", -1))
                .skip(2) // before the bucket, and the bucket
                .collect(Collectors.joining("/"));
    String place = Stream.of(path.split("/", -1)).limit(FOLDERS).collect(Collectors.joining("/"));
    String kind = (list ? "LIST" : line.get(0)) + " " + place;
    requests.computeIfAbsent(kind, k -> new AtomicInteger()).incrementAndGet();
  }

  /** Of the keys that are listed. */
  private static String prefix(String query) {
    return Stream.of(query.split("&", -1))
        .filter(parameter -> parameter.startsWith(PREFIX))
        .map(p -> URLDecoder.decode(p.substring(PREFIX.length()), StandardCharsets.UTF_8))
        .findFirst()
        .orElse("");
  }

  /** Up to the empty line, with it; empty at the end of the stream. */
  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < END_OF_HEADERS.length) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      bytes.write(next);
      matched = next == END_OF_HEADERS[matched] ? matched + 1 : next == '\r' ? 1 : 0;
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  private static int length(String head, int otherwise) {
    return head.lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .mapToInt(line -> Integer.parseInt(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElse(otherwise);
  }

  /** A body in chunks, as it came. */
  private static byte[] chunked(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int size;
    do {
      String line = line(in);
      size = Integer.parseInt(line.strip(), 16);
      body.write(ascii(line));
      body.write(in.readNBytes(size + 2)); // with its line end
    } while (size > 0);
    return body.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.indexOf("\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("The stream ended in a chunk");
      }
      line.append((char) next);
    }
    return line.toString();
  }

  private static void sleep() throws IOException {
    try {
      Thread.sleep(SLOW_MILLIS);
    } catch (InterruptedException e) {
      throw new IOException("Interrupted", e);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
