;; guile back.scm HOST PORT SEED: lines from the socket to the made-up host, its answers back.
(use-modules (ice-9 rdelim) (ice-9 popen) (ice-9 textual-ports))
(define args (command-line))
(define sock (socket PF_INET SOCK_STREAM 0))
(connect sock AF_INET (inet-pton AF_INET (list-ref args 1)) (string->number (list-ref args 2)))
(let loop ((n (string->number (list-ref args 3))))
  (let ((order (read-line sock)))
    (unless (eof-object? order)
      (let ((pipe (open-input-pipe (string-append "echo '" (string-delete #\' order) "' | perl "
                                                  (getenv "P") "/blind/host.pl unix " (number->string n)))))
        (display (get-string-all pipe) sock)
        (force-output sock)
        (close-pipe pipe))
      (loop (+ n 1)))))
