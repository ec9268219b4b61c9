module vault.example

go 1.23
